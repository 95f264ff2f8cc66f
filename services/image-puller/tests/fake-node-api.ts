import type { MemoryBus } from "@podbus/bus";
import { type EventRecord, NodeApi } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";

/** A NodeApi that keeps the events, has Secrets, and does nothing else. */
export interface FakeNodeApi extends AsyncDisposable {
  readonly records: readonly EventRecord[];
  /** By name: what the pods' namespace has. */
  readonly secrets: Map<string, object>;
  /** "Normal Pulled: …" in order, since the last time it was asked. */
  take(): string[];
}

export async function startFakeNodeApi(hub: MemoryBus): Promise<FakeNodeApi> {
  const records: EventRecord[] = [];
  const secrets = new Map<string, object>();
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
      listPodServices: unused,
      createMirrorPod: unused,
      deleteMirrorPod: unused,
      getPodDependency: ({ name }) => {
        const secret = secrets.get(name);
        if (!secret) throw new PodbusError({ code: "NOT_FOUND", message: `secret "${name}" not found` });
        return { objectJson: Buffer.from(JSON.stringify(secret)) };
      },
      createPodToken: unused,
      watchPods: async function* () {
        yield await unused();
      },
    },
  );
  let told = 0;
  return {
    records,
    secrets,
    take: () => {
      const fresh = records.slice(told).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
      told = records.length;
      return fresh;
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}
