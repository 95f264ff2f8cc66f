import { type Bus, connectNats, createNatsBus, type NatsConnection } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { inboxPrefix } from "@podbus/service";
import { askInstance, type RunningInstance } from "./machine/control-socket.ts";
import { readSeed } from "./machine/credentials.ts";
import { layoutOf } from "./machine/layout.ts";

/** The podbus that runs on a state directory; fails if none does. */
export async function requireInstance(stateDir: string): Promise<RunningInstance> {
  const instance = await askInstance(layoutOf(stateDir).controlSocket);
  if (instance) return instance;
  throw new PodbusError({
    code: "UNAVAILABLE",
    message: `podbus does not run on ${stateDir}: start it with "podbus up"`,
  });
}

export interface AdminConnection extends AsyncDisposable {
  readonly bus: Bus;
  readonly connection: NatsConnection;
}

/** Connects to the bus as the person at this machine. */
export async function connectAsAdmin(instance: RunningInstance): Promise<AdminConnection> {
  const nkeySeed = await readSeed(layoutOf(instance.stateDir).busDir, { name: "admin", node: "" });
  const connection = await connectNats({
    servers: instance.natsUrl,
    name: "admin",
    nkeySeed,
    inboxPrefix: inboxPrefix("admin"),
    signal: AbortSignal.timeout(10_000),
  });
  const bus = createNatsBus({ connection, name: "admin", clock: systemClock });
  return {
    bus,
    connection,
    [Symbol.asyncDispose]: async () => {
      await bus[Symbol.asyncDispose]();
      await connection.close();
    },
  };
}
