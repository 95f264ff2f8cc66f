import { type NatsConnection, nkeys } from "@nats-io/nats-core";
import { Svcm } from "@nats-io/services";
import { systemClock } from "@podbus/clock";
import { Admission, ImagePuller } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { freePort, startNats, type TestNatsServer } from "@podbus/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Bus } from "../src/bus.ts";
import { subjectsOf } from "../src/domain/subjects.ts";
import { connectNats } from "../src/nats/connect-nats.ts";
import { createNatsBus } from "../src/nats/create-nats-bus.ts";
import { collect, testTiming } from "./bench.ts";

const node = "node-1.example";
const quoted = (subjects: readonly string[]) => subjects.map((subject) => JSON.stringify(subject)).join(", ");

const users = {
  operator: nkeys.createUser(),
  puller: nkeys.createUser(),
  lifecycle: nkeys.createUser(),
  deaf: nkeys.createUser(),
};
type User = keyof typeof users;

/** As the cluster's permissions are made: each user has what subjectsOf says, and an inbox of its own. */
function permissions(): string {
  const { serve, discovery, call } = subjectsOf(ImagePuller, { node });
  return `
    authorization { users: [
      { nkey: ${users.operator.getPublicKey()} }
      { nkey: ${users.puller.getPublicKey()}, permissions: {
        subscribe: [${quoted([...serve, ...discovery, "_INBOX.puller.>"])}]
        publish: ["_INBOX.lifecycle.>", "_INBOX.operator.>"]
      } }
      { nkey: ${users.lifecycle.getPublicKey()}, permissions: { subscribe: ["_INBOX.lifecycle.>"], publish: [${quoted(call)}] } }
      { nkey: ${users.deaf.getPublicKey()}, permissions: { subscribe: ["nothing"], publish: [${quoted(call)}] } }
    ] }`;
}

let server: TestNatsServer;
let open: { readonly bus: Bus; readonly connection: NatsConnection }[] = [];

beforeAll(async () => {
  server = await startNats({ config: permissions() });
});
afterEach(async () => {
  for (const { bus, connection } of open) {
    await bus[Symbol.asyncDispose]();
    await connection.close();
  }
  open = [];
});
afterAll(() => server[Symbol.asyncDispose]());

const seedOf = (user: User) => new TextDecoder().decode(users[user].getSeed());

async function connectAs(user: User) {
  const connection = await connectNats({
    servers: server.url,
    name: user,
    nkeySeed: `${seedOf(user)}\n`, // as read from a file
    inboxPrefix: `_INBOX.${user}`,
  });
  const bus = createNatsBus({ connection, name: user, clock: systemClock, timing: testTiming });
  open.push({ bus, connection });
  return { bus, connection };
}

const implementation = {
  listImages: () => ({ images: [{ names: ["a"] }] }),
  async *ensureImage() {
    yield { update: { case: "image" as const, value: { imageRef: "x" } } };
    throw new PodbusError({ code: "NOT_FOUND", reason: "ErrImagePull", message: "no such\nimage" });
  },
};

/** The specification's own client. Its package was built against another version of the same connection type. */
const discoveryOf = (connection: NatsConnection) =>
  new Svcm(connection as never).client({ maxWait: 1_000, strategy: "stall" });

async function drained<T>(iterator: Promise<AsyncIterable<T>>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of await iterator) all.push(item);
  return all;
}

describe("ADR-32", () => {
  it("a served service answers PING, INFO and STATS as the specification says", async () => {
    const { bus } = await connectAs("puller");
    await bus.serve(ImagePuller, { node }, implementation);
    const { bus: caller } = await connectAs("lifecycle");
    const client = caller.client(ImagePuller, { node });
    await client.listImages({});
    await expect(collect(client.ensureImage({}))).rejects.toMatchObject({ reason: "ErrImagePull" });

    const { connection } = await connectAs("operator");
    const discovery = discoveryOf(connection);
    const [ping] = await drained(discovery.ping("image-puller"));
    const identity = {
      name: "image-puller",
      version: "0.1.0",
      metadata: { node, contract: "podbus.image_puller.v1.ImagePuller", process: "puller" },
    };
    expect(ping).toMatchObject({ type: "io.nats.micro.v1.ping_response", ...identity });
    const [info] = await drained(discovery.info("image-puller", ping?.id));
    const prefix = "podbus.v1.node.node-1_2eexample.image-puller";
    expect(info).toMatchObject({
      type: "io.nats.micro.v1.info_response",
      ...identity,
      endpoints: [
        {
          name: "EnsureImage",
          subject: `${prefix}.EnsureImage`,
          queue_group: "image-puller",
          metadata: { kind: "server_streaming" },
        },
        {
          name: "ListImages",
          subject: `${prefix}.ListImages`,
          queue_group: "image-puller",
          metadata: { kind: "unary" },
        },
      ],
    });
    const all = await drained(discovery.stats());
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ type: "io.nats.micro.v1.stats_response", ...identity, id: ping?.id });
    expect(all[0]?.started).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(all[0]?.endpoints).toMatchObject([
      { name: "EnsureImage", num_requests: 1, num_errors: 1, last_error: "NOT_FOUND: no such\nimage" },
      { name: "ListImages", num_requests: 1, num_errors: 0, last_error: "" },
    ]);
    for (const endpoint of all[0]?.endpoints ?? []) {
      expect(endpoint.processing_time).toBeGreaterThan(0);
      expect(endpoint.average_processing_time).toBe(endpoint.processing_time);
    }
  });

  it("a plain request as the nats tool sends it is answered, with ADR-32's error headers", async () => {
    const { bus } = await connectAs("puller");
    await bus.serve(ImagePuller, { node }, { ...implementation, listImages: () => Promise.reject(new Error("disk")) });
    const { connection } = await connectAs("operator");
    const subject = "podbus.v1.node.node-1_2eexample.image-puller.ListImages";
    const reply = await connection.request(subject, "", { timeout: 2_000 });
    expect(reply.headers?.get("Nats-Service-Error-Code")).toBe("500");
    expect(reply.headers?.get("Nats-Service-Error")).toBe("ImagePuller.ListImages failed: disk");
  });

  it("a service that is closed is no longer there", async () => {
    const { bus } = await connectAs("puller");
    const served = await bus.serve(ImagePuller, { node }, implementation);
    await served[Symbol.asyncDispose]();
    const { connection } = await connectAs("operator");
    await expect(drained(discoveryOf(connection).ping())).rejects.toThrow(/no responders/i);
  });
});

describe("permissions", () => {
  it("what subjectsOf lists is enough to serve, call, stream and cancel", async () => {
    const { bus } = await connectAs("puller");
    let aborted = false;
    await bus.serve(
      ImagePuller,
      { node },
      {
        ...implementation,
        async *ensureImage(_request, { signal }) {
          yield { update: { case: "image", value: { imageRef: "x" } } };
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          aborted = true;
        },
      },
    );
    const { bus: caller, connection } = await connectAs("lifecycle");
    const client = caller.client(ImagePuller, { node });
    await client.listImages({});
    const stream = client.ensureImage({})[Symbol.asyncIterator]();
    await stream.next();
    await systemClock.sleep(testTiming.heartbeatMs * 5);
    await stream.return?.();
    await connection.flush();
    await expect.poll(() => aborted).toBe(true);
  });

  it("calling another node's service is PERMISSION_DENIED at once", async () => {
    const { bus } = await connectAs("lifecycle");
    const client = bus.client(ImagePuller, { node: "other" });
    await expect(client.listImages({})).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(collect(client.ensureImage({}))).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  it("serving what one may not is PERMISSION_DENIED", async () => {
    const { bus } = await connectAs("lifecycle");
    await expect(bus.serve(Admission, {}, { review: () => ({}) })).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  it("a client that may not hear its answers is told so", async () => {
    const { bus } = await connectAs("deaf");
    const client = bus.client(ImagePuller, { node });
    await expect(client.listImages({})).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

describe("connecting", () => {
  it("wrong credentials are an error, not an endless wait", async () => {
    const nkeySeed = nkeys.createUser().getSeed();
    await expect(connectNats({ servers: server.url, name: "x", nkeySeed })).rejects.toThrow(/Authorization/i);
  });

  it("waits for a server that is not there yet, until the signal", async () => {
    const port = await freePort();
    const servers = `nats://127.0.0.1:${port}`;
    const gaveUp = connectNats({ servers, name: "impatient", signal: AbortSignal.timeout(300) });
    const patient = connectNats({ servers, name: "patient" });
    await expect(gaveUp).rejects.toThrow();
    await using _late = await startNats({ port });
    await (await patient).close();
  });

  it.each(["", "a b", "_INBOX.>", "*", "a..b"])(
    "an inbox prefix that is no subject is refused: %j",
    async (inboxPrefix) => {
      await expect(connectNats({ servers: server.url, name: "x", inboxPrefix })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    },
  );

  it("a bus leaves its connection to who opened it", async () => {
    const connection = await connectNats({ servers: server.url, name: "x", nkeySeed: seedOf("operator") });
    const bus = createNatsBus({ connection, name: "x", clock: systemClock });
    await bus[Symbol.asyncDispose]();
    expect(connection.isClosed()).toBe(false);
    await connection.close();
  });
});
