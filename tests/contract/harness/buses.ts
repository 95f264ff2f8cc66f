import { type Bus, connectNats, createMemoryBus, createNatsBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { startNats } from "@podbus/testkit";

/** A place where buses meet. */
export interface Meeting extends AsyncDisposable {
  bus(name: string): Promise<Bus>;
}

export async function inMemory(): Promise<Meeting> {
  const hub = createMemoryBus({ clock: systemClock });
  return { bus: async (name) => hub.bus(name), [Symbol.asyncDispose]: async () => {} };
}

/** A real nats-server; each bus has its own connection, as each process has. */
export async function overNats(): Promise<Meeting & { readonly url: string }> {
  const server = await startNats();
  const connect = async (name: string): Promise<Bus> => {
    const connection = await connectNats({ servers: server.url, name });
    const bus = createNatsBus({ connection, name, clock: systemClock });
    const dispose = bus[Symbol.asyncDispose].bind(bus);
    // The harness owns both, so disposing of the bus closes its connection too.
    bus[Symbol.asyncDispose] = async () => {
      await dispose();
      await connection.close();
    };
    return bus;
  };
  return { url: server.url, bus: connect, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
