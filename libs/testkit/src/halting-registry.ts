import { ofBlobs } from "./fault-proxy/fault.ts";
import { startFaultProxy } from "./fault-proxy/fault-proxy.ts";

export interface HaltingRegistry extends AsyncDisposable {
  readonly host: string;
  /** Sends the second halves of large blobs, those asked for already and all later ones. */
  resume(): void;
}

/** A registry in front of another one that stops in the middle of every large blob until it is told to go on. */
export async function startHaltingRegistry(registryUrl: string): Promise<HaltingRegistry> {
  const { promise: until, resolve: resume } = Promise.withResolvers<void>();
  const proxy = await startFaultProxy({ registryUrl });
  proxy.inject({ when: ofBlobs, fault: { kind: "halt", fromBytes: 1_000_000, until } });
  return { host: proxy.host, resume, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
}
