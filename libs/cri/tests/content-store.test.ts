import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { FakeClock } from "@podbus/clock";
import {
  ListContentRequestSchema,
  ListContentResponseSchema,
  ListStatusesResponseSchema,
  ReadContentResponseSchema,
} from "@podbus/contracts/containerd";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ContentStore, createContentStore } from "../src/containerd/content-store.ts";

let server: Server;
let clock: FakeClock;
let content: ContentStore;
const bound = { timeoutMs: 2_000 };

beforeEach(() => {
  server = new Server();
  clock = new FakeClock();
});
afterEach(async () => {
  await content[Symbol.asyncDispose]();
  server.forceShutdown();
});

async function listen(): Promise<void> {
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  content = createContentStore({ endpoint: `127.0.0.1:${port}`, clock });
}

type Handler = handleUnaryCall<Buffer, Buffer> | handleServerStreamingCall<Buffer, Buffer>;

/** One method of containerd's Content. */
function serve(method: string, responseStream: boolean, handler: Handler): Promise<void> {
  const bytes = (value: Buffer) => value;
  const definition: ServiceDefinition = {
    [method]: {
      path: `/containerd.services.content.v1.Content/${method}`,
      requestStream: false,
      responseStream,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  };
  server.addService(definition, { [method]: handler as handleUnaryCall<Buffer, Buffer> });
  return listen();
}

test("a runtime without a content store says so, for calls and for streams", async () => {
  await listen();
  await expect(content.ingests(bound)).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
  await expect(content.list([], bound)).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
});

test("downloads are asked for in the namespace of CRI", async () => {
  let namespace: unknown;
  await serve("ListStatuses", false, ((call, callback) => {
    namespace = call.metadata.get("containerd-namespace");
    const statuses = [{ ref: "layer-sha256:1", offset: 7n, total: 9n }];
    callback(null, Buffer.from(toBinary(ListStatusesResponseSchema, create(ListStatusesResponseSchema, { statuses }))));
  }) satisfies handleUnaryCall<Buffer, Buffer>);
  expect(await content.ingests(bound)).toMatchObject([{ ref: "layer-sha256:1", offset: 7n, total: 9n }]);
  expect(namespace).toEqual(["k8s.io"]);
});

test("a list of blobs may come in several messages", async () => {
  await serve("List", true, ((call) => {
    const { filters } = fromBinary(ListContentRequestSchema, call.request);
    for (const digest of filters) {
      const message = create(ListContentResponseSchema, { info: [{ digest, size: 1n }] });
      call.write(Buffer.from(toBinary(ListContentResponseSchema, message)));
    }
    call.end();
  }) satisfies handleServerStreamingCall<Buffer, Buffer>);
  expect((await content.list(["a", "b"], bound)).map(({ digest }) => digest)).toEqual(["a", "b"]);
});

test("a blob that does not end in time is no blob", async () => {
  const begun = Promise.withResolvers<void>();
  await serve("Read", true, ((call) => {
    call.write(
      Buffer.from(toBinary(ReadContentResponseSchema, create(ReadContentResponseSchema, { data: Buffer.from("{") }))),
    );
    begun.resolve();
  }) satisfies handleServerStreamingCall<Buffer, Buffer>);
  const read = expect(content.read("sha256:1", bound)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await begun.promise;
  await clock.step(2_000);
  await read;
});
