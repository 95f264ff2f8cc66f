import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Span } from "@opentelemetry/api";
import type { EnsureImageResponseSchema, PullProgressSchema } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { type Bytes, tenthsOf } from "../domain/download-progress.ts";
import type { PullBoard, WaitingCall } from "../pulls/pull-board.ts";
import type { PullOutcome, PullState, SharedPull } from "../pulls/shared-pulls.ts";

type Update = MessageInitShape<typeof EnsureImageResponseSchema>;

export interface FollowedPull {
  readonly pull: SharedPull;
  /** On the board. */
  readonly call: WaitingCall;
  readonly board: PullBoard;
  readonly span: Span;
}

/** What the stream, the board and the span are told while one call waits for a pull. */
export async function* followPull(
  { pull, call, board, span }: FollowedPull,
  signal: AbortSignal,
): AsyncGenerator<Update, PullOutcome, void> {
  const steps = pull.follow(signal);
  let tenths = -1;
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
      board.update(call, step.value);
      tenths = markTenths(span, step.value.bytes, tenths);
      yield progress(step.value);
    }
  } finally {
    await steps.return({
      ok: false,
      error: new PodbusError({ code: "CANCELLED", message: "not followed to the end" }),
    });
  }
}

export function progress(state: PullState): Update {
  return { update: { case: "progress", value: progressOf(state) } };
}

export function progressOf({ queuePosition, bytes }: PullState): MessageInitShape<typeof PullProgressSchema> {
  return { queuePosition, bytesDone: bytes.done, bytesTotal: bytes.total };
}

/** An event for each tenth, so that a span has eleven at most however large the image is. */
function markTenths(span: Span, bytes: Bytes, told: number): number {
  const tenths = tenthsOf(bytes);
  if (tenths === undefined || tenths <= told) return told;
  const { done, total } = bytes;
  span.addEvent("progress", { percent: tenths * 10, bytesDone: Number(done), bytesTotal: Number(total) });
  return tenths;
}
