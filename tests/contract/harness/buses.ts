import { type Bus, connectNats, createMemoryBus, createNatsBus, type NatsConnection } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { createMemoryStore, type ObjectStore, openStore } from "@podbus/store";
import { startNats } from "@podbus/testkit";

/** A place where buses meet. */
export interface Meeting extends AsyncDisposable {
  bus(name: string): Promise<Bus>;
  /** A new, empty store. */
  store(): Promise<ObjectStore>;
}

export async function inMemory(): Promise<Meeting> {
  const hub = createMemoryBus({ clock: systemClock });
  return {
    bus: async (name) => hub.bus(name),
    store: async () => createMemoryStore({ clock: systemClock }),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A real nats-server, with real stores in it; each bus has its own connection, as each process has. */
export async function overNats(): Promise<Meeting & { readonly url: string }> {
  const server = await startNats();
  let buckets = 0;
  return {
    url: server.url,
    bus: async (name) => {
      const connection = await connectNats({ servers: server.url, name });
      const bus = createNatsBus({ connection, name, clock: systemClock });
      return closingToo(bus, connection);
    },
    store: async () => {
      const connection = await connectNats({ servers: server.url, name: "store" });
      const store = await openStore({ connection, clock: systemClock, bucket: `contract_${++buckets}` });
      return closingToo(store, connection);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Disposing of it closes its connection, which is nobody else's. */
function closingToo<T extends AsyncDisposable>(user: T, connection: NatsConnection): T {
  const dispose = user[Symbol.asyncDispose].bind(user);
  user[Symbol.asyncDispose] = async () => {
    await dispose();
    await connection.close();
  };
  return user;
}
