import { NodeApi, RecordEventsRequestSchema } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { Bench } from "./contract-suite.ts";
import { readable } from "./readable.ts";

const notFaked = (): never => {
  throw new PodbusError({ code: "UNIMPLEMENTED", message: "not part of this example" });
};

/** The api-gateway as a node service sees it that only reports events: notes their reasons. */
export async function fakeNodeApi({ bus, cleanup }: Bench): Promise<{ readonly events: string[] }> {
  const events: string[] = [];
  const provider = await bus("api-gateway");
  cleanup.use(
    await provider.serve(
      NodeApi,
      { node: "*" },
      {
        recordEvents: (request) => {
          const { events: recorded } = readable(RecordEventsRequestSchema, request) as { events: { reason: string }[] };
          events.push(...recorded.map(({ reason }) => reason));
          return {};
        },
        registerNode: notFaked,
        renewLease: notFaked,
        watchPods: notFaked,
        updatePodStatus: notFaked,
        finishPodDeletion: notFaked,
        listPodServices: notFaked,
        createMirrorPod: notFaked,
        deleteMirrorPod: notFaked,
        getPodDependency: notFaked,
        createPodToken: notFaked,
      },
    ),
  );
  return { events };
}
