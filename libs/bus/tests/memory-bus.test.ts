import { MemoryHub } from "../src/memory/memory-hub.ts";
import { MemoryTransport } from "../src/memory/memory-transport.ts";
import type { MessageSystem } from "./bench.ts";
import { describeBus } from "./suite.ts";

async function memorySystem(): Promise<MessageSystem> {
  const hub = new MemoryHub(8 * 1024 * 1024);
  let connections = 0;
  return {
    connect: async () => new MemoryTransport(hub, `_INBOX.${++connections}`),
    kill: async (transport) => (transport as MemoryTransport).kill(),
    stop: async () => hub.setRunning(false),
    start: async () => hub.setRunning(true),
    [Symbol.asyncDispose]: async () => {},
  };
}

describeBus("a bus in memory", memorySystem);
