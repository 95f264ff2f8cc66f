import { ProbeKind, Verdict, type WatchResultsResponse } from "@podbus/contracts";

const kinds: Readonly<Record<number, string>> = {
  [ProbeKind.STARTUP]: "startup",
  [ProbeKind.READINESS]: "readiness",
  [ProbeKind.LIVENESS]: "liveness",
};

/** One result of a probe, for a person: "12:00:00.000Z shop/web main: readiness failed: …, GET http://… took 12 ms". */
export function probeResultText(result: WatchResultsResponse): string {
  const { container, kind, verdict, changed, message, asked, tookMs, atMs } = result;
  const at = new Date(Number(atMs)).toISOString().slice("2026-01-01T".length);
  const whose = `${container?.pod?.namespace}/${container?.pod?.name} ${container?.name}`;
  const state = verdict === Verdict.SUCCESS ? "Success" : "Failure";
  const said =
    message === "" ? "" : ` ${oneLine(message)}${asked === "" ? "" : ` (${oneLine(asked)} took ${tookMs} ms)`}`;
  return `${at} ${whose}: ${kinds[kind] ?? "unknown"} ${changed ? "is" : "stays"} ${state}.${said}`;
}

/** Containers print what they like: a result stays on its line, and says nothing to the terminal. */
const oneLine = (text: string) => text.trim().replaceAll(/\p{Cc}+/gu, " ");
