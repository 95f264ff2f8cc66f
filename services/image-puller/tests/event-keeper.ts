import type { MemoryBus } from "@podbus/bus";
import { type EventRecord, NodeApi } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";

/** A NodeApi that keeps the events and does nothing else. */
export interface EventKeeper extends AsyncDisposable {
  readonly records: readonly EventRecord[];
  /** "Normal Pulled: …" in order, since the last time it was asked. */
  take(): string[];
}

export async function startEventKeeper(hub: MemoryBus): Promise<EventKeeper> {
  const records: EventRecord[] = [];
  const bus = hub.bus("api-gateway");
  const unused = () => Promise.reject(new PodbusError({ code: "UNIMPLEMENTED", message: "not in this test" }));
  await bus.serve(
    NodeApi,
    { node: "*" },
    {
      recordEvents: ({ events }) => {
        records.push(...events);
        return {};
      },
      registerNode: unused,
      renewLease: unused,
      updatePodStatus: unused,
      finishPodDeletion: unused,
      getPodDependency: unused,
      createPodToken: unused,
      watchPods: async function* () {
        yield await unused();
      },
    },
  );
  let told = 0;
  return {
    records,
    take: () => {
      const fresh = records.slice(told).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
      told = records.length;
      return fresh;
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}
