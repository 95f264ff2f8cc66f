import { buildBusyboxImage, importImage } from "@podbus/images";
import { startContainerd } from "@podbus/testkit";
import { limits, measureBareCri, measurePodStart } from "./pod-start.ts";
import { appendResults, missedLimits, type Result, renderResults } from "./results.ts";

/**
 * make bench: measures, prints a table, appends to bench-results.jsonl. Exit code 1 if a limit is missed.
 * "run.ts bare-cri" measures only what the limits are made from, without podbus.
 */
const file = "bench-results.jsonl";
const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} bench: ${text}\n`);

const bareOnly = process.argv[2] === "bare-cri";
const results = bareOnly ? await bareCri() : await measurePodStart(say);
const applying = bareOnly ? [] : limits;
appendResults(file, results);
process.stdout.write(`\n${renderResults(results, applying)}\n\nalso in ${file}\n`);
process.exitCode = missedLimits(results, applying).length === 0 ? 0 : 1;

async function bareCri(): Promise<Result[]> {
  await using containerd = await startContainerd();
  const name = "localhost/bench/busybox:1";
  await importImage(await buildBusyboxImage(), { socket: containerd.socket, name });
  // Without await, containerd would be disposed of first.
  return await measureBareCri(containerd.cri, name, say);
}
