import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { subjectsOf } from "@podbus/bus";
import { describe, expect, test } from "vitest";
import type { Meeting } from "./buses.ts";
import type { AnySuite } from "./contract-suite.ts";
import { benchOf } from "./run-suite.ts";

/** What a tool without our library sees of a provider: ADR-32's answers, and errors in its headers. */
export function checkOnTheWire(suite: AnySuite, meeting: () => Meeting & { readonly url: string }): void {
  const { service, target } = suite;
  const subjects = subjectsOf(service, target);

  async function withProvider(check: (connection: NatsConnection) => Promise<void>): Promise<void> {
    await using cleanup = new AsyncDisposableStack();
    await suite.start(benchOf(meeting(), cleanup));
    const connection = await connect({ servers: meeting().url });
    cleanup.defer(() => connection.close());
    await check(connection);
  }

  describe(`${service.name} on the wire`, () => {
    test("answers $SRV.PING, INFO and STATS with every method", () =>
      withProvider(async (connection) => {
        const identity = { name: subjects.queue, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) };
        const metadata = expect.objectContaining({ contract: service.typeName });
        const [ping] = await askAll(connection, `$SRV.PING.${subjects.queue}`);
        expect(ping).toMatchObject({ type: "io.nats.micro.v1.ping_response", ...identity, metadata });
        const [info] = await askAll(connection, `$SRV.INFO.${subjects.queue}`);
        const servedSubjects = service.methods.map((method) => expect.stringMatching(new RegExp(`\\.${method.name}$`)));
        expect(info).toMatchObject({
          type: "io.nats.micro.v1.info_response",
          ...identity,
          metadata,
          endpoints: service.methods.map((method, index) => ({
            name: method.name,
            subject: servedSubjects[index],
            queue_group: subjects.queue,
            metadata: { kind: method.methodKind },
          })),
        });
        const [stats] = await askAll(connection, `$SRV.STATS.${subjects.queue}`);
        expect(stats).toMatchObject({
          type: "io.nats.micro.v1.stats_response",
          ...identity,
          endpoints: service.methods.map(({ name }) => ({ name, num_requests: 0, num_errors: 0 })),
        });
      }));

    test.each(service.methods.map((method) => [method.name]))("%s refuses what is no protobuf, and counts it", (name) =>
      withProvider(async (connection) => {
        const subject = subjects.call.find((each) => each.endsWith(`.${name}`)) ?? "";
        const reply = await connection.request(subject, Uint8Array.of(0xff), { timeout: 5_000 });
        expect(reply.headers?.get("podbus-code")).toBe("INVALID_ARGUMENT");
        expect(reply.headers?.get("Nats-Service-Error-Code")).toBe("400");
        const [stats] = await askAll(connection, `$SRV.STATS.${subjects.queue}`);
        expect(stats).toMatchObject({
          endpoints: expect.arrayContaining([expect.objectContaining({ name, num_requests: 1, num_errors: 1 })]),
        });
      }),
    );
  });
}

/** Every answer until a short silence; the providers of other suites are stopped, so there is one. */
async function askAll(connection: NatsConnection, subject: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  const replies: AsyncIterable<Msg> = await connection.requestMany(subject, "", {
    strategy: "count",
    maxMessages: 1,
    maxWait: 5_000,
  });
  for await (const reply of replies) answers.push(reply.json());
  return answers;
}
