import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallContext } from "@podbus/bus";
import type { WatchResultsResponseSchema } from "@podbus/contracts";
import type { ProbeResult, ResultBoard } from "../probing/result-board.ts";
import { kindNumbers, verdictNumbers } from "./probe-numbers.ts";

type Response = MessageInitShape<typeof WatchResultsResponseSchema>;

/** ProbeMonitor.WatchResults: what the board knows, then what comes. Ends with the call's signal. */
export async function* watchResults(board: ResultBoard, { signal }: CallContext): AsyncGenerator<Response, void, void> {
  using watching = board.watch();
  const end = () => watching.stream.end();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    for await (const result of watching.stream.read()) yield responseOf(result);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** As much as an event holds. */
const maxText = 1024;

function responseOf({ container, report, changed, atMs }: ProbeResult): Response {
  const { spec, verdict, message, failed } = report;
  return {
    container: { pod: container.pod, name: container.name, id: container.id },
    kind: kindNumbers[spec.kind],
    verdict: verdictNumbers[verdict],
    changed,
    message: message.slice(0, maxText),
    ...(failed ? { asked: failed.asked.slice(0, maxText), tookMs: failed.tookMs } : {}),
    atMs: BigInt(Math.round(atMs)),
  };
}
