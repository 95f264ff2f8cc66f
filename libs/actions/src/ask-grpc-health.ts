import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, connectivityState, credentials, type ServiceError, status } from "@grpc/grpc-js";
import {
  Health,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatusSchema,
  HealthCheckResponseSchema,
} from "@podbus/contracts/health";
import { goQuote, PodbusError } from "@podbus/errors";
import type { GrpcTarget } from "./check-action.ts";
import { type Bounds, cancelled } from "./dial-tcp.ts";
import { goDuration, joinHostPort } from "./go-text.ts";
import { userAgent } from "./user-agent.ts";

/** A probe asks the pod, whatever proxy this node uses, and not over a connection that an earlier probe had. */
const channelOptions = {
  "grpc.primary_user_agent": userAgent("probe"),
  "grpc.enable_http_proxy": 0,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.use_local_subchannel_pool": 1,
} as const;

/**
 * Asks once; answers the name of the status. Throws UNAVAILABLE, DEADLINE_EXCEEDED or CANCELLED, with the kubelet's words (pkg/probe/grpc/grpc.go); a refused
 * connection is told at once, where the kubelet goes on trying until the timeout.
 */
export async function askGrpcHealth(target: GrpcTarget, bounds: Bounds): Promise<string> {
  if (bounds.signal.aborted) throw cancelled(bounds.signal);
  const address = joinHostPort(target.host, target.port);
  const client = new Client(address, credentials.createInsecure(), channelOptions);
  try {
    const { status: health } = await check(client, { target, address, ...bounds });
    return HealthCheckResponse_ServingStatusSchema.value[health]?.name ?? String(health);
  } finally {
    client.close();
  }
}

interface Asking extends Bounds {
  readonly target: GrpcTarget;
  readonly address: string;
}

function check(client: Client, asking: Asking): Promise<HealthCheckResponse> {
  const { target, clock, timeoutMs, signal } = asking;
  return new Promise((resolve, reject) => {
    const stop = (error: PodbusError) => {
      reject(error);
      call.cancel();
    };
    const onAbort = () => stop(cancelled(signal));
    const stopTimer = clock.after(timeoutMs, () => {
      stop(new PodbusError({ code: "DEADLINE_EXCEEDED", message: timeoutText(connected(client), asking) }));
    });
    signal.addEventListener("abort", onAbort, { once: true });
    const call = client.makeUnaryRequest(
      `/${Health.typeName}/${Health.method.check.name}`,
      (request: Uint8Array) => Buffer.from(request),
      (bytes: Buffer) => fromBinary(HealthCheckResponseSchema, bytes),
      toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service: target.service })),
      (error, answer) => {
        stopTimer();
        signal.removeEventListener("abort", onAbort);
        if (answer) resolve(answer);
        else reject(failure(error as ServiceError, connected(client), asking));
      },
    );
  });
}

const connected = (client: Client): boolean =>
  client.getChannel().getConnectivityState(false) === connectivityState.READY;

function timeoutText(isConnected: boolean, { address, timeoutMs }: Asking): string {
  const after = goDuration(timeoutMs);
  if (isConnected) return `timeout: health rpc did not complete within ${after}`;
  return `timeout: failed to connect service ${goQuote(address)} within ${after}: context deadline exceeded`;
}

function failure(error: ServiceError, isConnected: boolean, { address }: Asking): PodbusError {
  return new PodbusError({ code: "UNAVAILABLE", message: failureText(error, isConnected, address), cause: error });
}

function failureText({ code, details }: ServiceError, isConnected: boolean, address: string): string {
  if (code === status.UNIMPLEMENTED) {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`;
  }
  if (code === status.UNAVAILABLE && !isConnected) {
    return `error: failed to connect service at ${goQuote(address)}: ${details}`;
  }
  return `error: health rpc probe failed: rpc error: code = ${codeName(code)} desc = ${details}`;
}

/** Go's name of a code: "NotFound" of NOT_FOUND. */
const codeName = (code: status): string =>
  (status[code] ?? `Code(${code})`)
    .toLowerCase()
    .replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
