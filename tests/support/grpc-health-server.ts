import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import {
  HealthCheckResponse_ServingStatus as Health,
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
} from "@podbus/contracts/health";

/** A program for a container: gRPC's health service on port 50051. The server is healthy, its service "shop" is not. */
const known = new Map([
  ["", Health.SERVING],
  ["shop", Health.NOT_SERVING],
]);

const server = new Server();
server.addService(
  {
    check: {
      path: "/grpc.health.v1.Health/Check",
      requestStream: false,
      responseStream: false,
      requestSerialize: (request: HealthCheckRequest) => Buffer.from(toBinary(HealthCheckRequestSchema, request)),
      requestDeserialize: (bytes: Buffer) => fromBinary(HealthCheckRequestSchema, bytes),
      responseSerialize: (answer: HealthCheckResponse) => Buffer.from(toBinary(HealthCheckResponseSchema, answer)),
      responseDeserialize: (bytes: Buffer) => fromBinary(HealthCheckResponseSchema, bytes),
    },
  },
  {
    check: (
      { request }: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
      reply: sendUnaryData<HealthCheckResponse>,
    ) => {
      const health = known.get(request.service);
      if (health === undefined) reply({ code: status.NOT_FOUND, details: "unknown service" });
      else reply(null, create(HealthCheckResponseSchema, { status: health }));
    },
  },
);
server.bindAsync("0.0.0.0:50051", ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
