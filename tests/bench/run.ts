import { buildBusyboxImage, importImage } from "@podbus/images";
import { startContainerd } from "@podbus/testkit";
import { apiServerLimits, measureApiServer } from "./api-server.ts";
import { imagePullLimits, measureImagePulls } from "./image-pulls.ts";
import { measurePodLife, podLifeLimits } from "./pod-life.ts";
import { limits, measureBareCri, measurePodStart } from "./pod-start.ts";
import { measureProbes, probeLimits } from "./probes.ts";
import { appendResults, type Limit, missedLimits, type Result, renderResults } from "./results.ts";

/**
 * make bench: measures, prints a table, appends to bench-results.jsonl. Exit code 1 if a limit is missed.
 * "run.ts NAME" measures only one: pod-start, pod-life, api-server, image-pulls, probes, or bare-cri, what the limits of pod-start are made from.
 */
const file = "bench-results.jsonl";
const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} bench: ${text}\n`);

const benches: Readonly<Record<string, { measure(): Promise<Result[]>; readonly limits: readonly Limit[] }>> = {
  "pod-start": { measure: () => measurePodStart(say), limits },
  "pod-life": { measure: () => measurePodLife(say), limits: podLifeLimits },
  "api-server": { measure: () => measureApiServer(say), limits: apiServerLimits },
  "image-pulls": { measure: () => measureImagePulls(say), limits: imagePullLimits },
  probes: { measure: () => measureProbes(say), limits: probeLimits },
  "bare-cri": { measure: bareCri, limits: [] },
};

const [wanted] = process.argv.slice(2);
const names = wanted === undefined ? ["pod-start", "pod-life", "api-server", "image-pulls", "probes"] : [wanted];
for (const name of names) {
  const bench = benches[name];
  if (!bench) throw new Error(`no benchmark ${name}; there are ${Object.keys(benches).join(", ")}`);
  const results = await bench.measure();
  appendResults(file, results);
  process.stdout.write(`\n${renderResults(results, bench.limits)}\n\nalso in ${file}\n`);
  if (missedLimits(results, bench.limits).length > 0) process.exitCode = 1;
}

async function bareCri(): Promise<Result[]> {
  await using containerd = await startContainerd();
  const name = "localhost/bench/busybox:1";
  await importImage(await buildBusyboxImage(), { socket: containerd.socket, name });
  // Without await, containerd would be disposed of first.
  return await measureBareCri(containerd.cri, name, say);
}
