import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ListPullsResponseSchema } from "@podbus/contracts";
import type { PullBoard } from "../pulls/pull-board.ts";
import { progressOf } from "./follow-pull.ts";

/** PullMonitor.ListPulls. */
export function listPulls(board: PullBoard): MessageInitShape<typeof ListPullsResponseSchema> {
  return {
    pulls: board.list().map(({ pod, containerName, image, askedAtMs, ...state }) => ({
      pod,
      containerName,
      image,
      askedAtMs: BigInt(askedAtMs),
      progress: progressOf(state),
    })),
  };
}
