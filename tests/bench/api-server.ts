import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream } from "@nats-io/jetstream";
import { eventually } from "@podbus/testkit";
import { type KubeAccess, readKubeAccess } from "podbus";
import { ApiClient } from "../support/api-client.ts";
import { SeparateServices } from "../support/separate-services.ts";
import { usageOf } from "./process-usage.ts";
import { type Limit, type Result, result } from "./results.ts";
import { percentile } from "./statistics.ts";
import { watchDelays } from "./watch-delays.ts";

const bench = "api-server";
const pods = 10_000;
const inFlight = 32;
const lists = 30;
const updates = 5_000;
const objectsAtStart = 100_000;

export const apiServerLimits: readonly Limit[] = [
  { bench, metric: "LIST of 10,000 pods p50", of: "ratio", atMost: 3 },
  { bench, metric: "start with 100,000 objects", of: "ratio", atMost: 3 },
];

const podsPath = "/api/v1/namespaces/default/pods";

/** Not scheduled: the scheduler leaves it alone, so that only the API is measured. */
const pod = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app: "bench", part: String(name.length) } },
  spec: {
    schedulerName: "nobody",
    containers: [{ name: "main", image: "registry.example/app:1", resources: { requests: { cpu: "10m" } } }],
  },
});

/** The gateway in a process of its own, beside the least that this machine could do: bare KV writes, a bare TLS server. */
export async function measureApiServer(say: (text: string) => void): Promise<Result[]> {
  await using services = await SeparateServices.start([], ["nats-server", "api-gateway", "scheduler-admission"]);
  const access = await readKubeAccess(services.kubeconfig);
  using api = new ApiClient(access);
  const results: Result[] = [];

  say(`bare KV: ${updates} writes, ${inFlight} in flight`);
  const bareWritesPerSecond = await bareWrites(services);
  say(`creating ${pods} pods, ${inFlight} in flight`);
  const created = await perSecond(pods, (index) => api.must("POST", podsPath, { body: pod(`p${index}`) }));
  say(`updating ${updates} pods, ${inFlight} in flight`);
  const contentType = "application/merge-patch+json";
  const updated = await perSecond(updates, (index) =>
    api.must("PATCH", `${podsPath}/p${index}`, { contentType, body: { metadata: { labels: { turn: "2" } } } }),
  );
  // Throughput: the larger the better, so the machine's limit stands above.
  results.push(
    result(bench, "creates per second", created, "1/s", bareWritesPerSecond),
    result(bench, "updates per second", updated, "1/s", bareWritesPerSecond),
  );

  await using bare = await startBareServer(services, access, await api.must("GET", `${podsPath}/p1`));
  say(`${lists} lists of ${pods} pods, by turns`);
  const listMs: number[] = [];
  const bareListMs: number[] = [];
  for (let round = 0; round < lists; round += 1) {
    listMs.push(await timed(() => readAll(api, "/api/v1/pods")));
    bareListMs.push(await timed(() => readAll(bare.client, "/list")));
  }
  results.push(
    result(bench, "LIST of 10,000 pods p50", percentile(listMs, 50), "ms", percentile(bareListMs, 50)),
    result(bench, "gateway memory with 10,000 pods", gatewayUsage(services).rssMib, "MiB"),
  );

  say("500 watches, 100 changes a second, for 10 s each");
  const ours = await watchDelays(
    api,
    `${podsPath}?watch=true&resourceVersion=0&labelSelector=watched`,
    async (mark, index) => {
      const body = { metadata: { labels: { watched: "yes" }, annotations: { "bench/sent": mark } } };
      await api.must("PATCH", `${podsPath}/p${index}`, { contentType, body });
    },
  );
  const event = { type: "MODIFIED", object: await api.must("GET", `${podsPath}/p1`) };
  const theirs = await watchDelays(bare.client, "/watch", async (mark) => {
    const annotations = { "bench/sent": mark };
    const object = { ...event.object, metadata: { ...event.object.metadata, annotations } };
    await bare.client.must("POST", "/send", { body: { ...event, object } });
  });
  results.push(
    result(bench, "watch delay p50", percentile(ours, 50), "ms", percentile(theirs, 50)),
    result(bench, "watch delay p99", percentile(ours, 99), "ms", percentile(theirs, 99)),
    result(bench, "gateway memory peak", gatewayUsage(services).peakRssMib, "MiB"),
  );

  say(`filling the store up to ${objectsAtStart} objects`);
  await fillStore(services, objectsAtStart - pods);
  say("starting the gateway anew");
  const bareReadMs = await timed(() => readStore(services));
  const startMs = await timed(() => restarted(services, access));
  results.push(
    result(bench, "start with 100,000 objects", startMs, "ms", bareReadMs),
    result(bench, "gateway memory with 100,000 objects", gatewayUsage(services).rssMib, "MiB"),
  );
  return results;
}

/** KV writes of the same size by a bare client: each a compare-and-set that is on disk when it is answered. */
async function bareWrites(services: SeparateServices): Promise<number> {
  const connection = await services.connectToBus("api-gateway");
  const client = jetstream(connection);
  const payload = JSON.stringify(pod("bare"));
  const rate = await perSecond(updates, (index) =>
    client.publish(`$KV.objects.bench.default.bare-${index}`, payload, { expect: { lastSubjectSequence: 0 } }),
  );
  await connection.close();
  return rate;
}

/** Objects that are small and many, as a cluster of this size has them. */
async function fillStore(services: SeparateServices, count: number): Promise<void> {
  const connection = await services.connectToBus("api-gateway");
  const client = jetstream(connection);
  await perSecond(count, (index) => {
    const metadata = { name: `c${index}`, namespace: "default", uid: `u${index}`, labels: { app: "bench" } };
    const value = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { text: "x".repeat(500) } };
    return client.publish(`$KV.objects.configmaps.default.c${index}`, JSON.stringify(value));
  });
  await connection.close();
}

/** Every value of the bucket, delivered to a bare client and parsed. */
async function readStore(services: SeparateServices): Promise<void> {
  const connection = await services.connectToBus("api-gateway");
  const consumer = await jetstream(connection).consumers.get("KV_objects", { deliver_policy: "last_per_subject" });
  const { num_pending: pending } = await consumer.info();
  let left = pending;
  for await (const message of await consumer.consume({ max_messages: 1_000 })) {
    JSON.parse(message.string());
    left -= 1;
    if (left <= 0) break;
  }
  await connection.close();
}

/** Resolves when the gateway that replaces the killed one answers a request that needs its whole cache. */
async function restarted(services: SeparateServices, access: KubeAccess): Promise<void> {
  services.kill("api-gateway");
  using api = new ApiClient(access);
  const configMap = `/api/v1/namespaces/default/configmaps/c${objectsAtStart - pods - 1}`;
  const answers = async () => (await api.call("GET", configMap)).code === 200;
  await eventually(answers, { timeoutMs: 60_000, message: "the gateway did not come back" });
}

async function startBareServer(services: SeparateServices, access: KubeAccess, object: object) {
  const dir = await mkdtemp(join(tmpdir(), "podbus-bench-"));
  const objectFile = join(dir, "object.json");
  await writeFile(objectFile, JSON.stringify(object));
  const script = join(import.meta.dirname, "bare-server.ts");
  const files = [join(services.layout.pkiDir, "apiserver.crt"), join(services.layout.pkiDir, "apiserver.key")];
  const args = ["--disable-warning=ExperimentalWarning", script, ...files, objectFile, String(pods)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [port]: [Buffer] = await (once(child.stdout, "data") as Promise<[Buffer]>);
  // It has read its files.
  await rm(dir, { recursive: true });
  const client = new ApiClient({ ...access, apiUrl: `https://127.0.0.1:${port.toString().trim()}` });
  return {
    client,
    [Symbol.dispose]: () => {
      client[Symbol.dispose]();
      child.kill();
    },
  };
}

/** Does `work` `count` times, some at once, and answers how often per second. */
async function perSecond(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const one = async () => {
    while (next < count) await work(next++);
  };
  const tookMs = await timed(() => Promise.all(Array.from({ length: inFlight }, one)));
  return (count * 1000) / tookMs;
}

async function readAll(api: ApiClient, path: string): Promise<void> {
  const response = await api.open("GET", path);
  for await (const _ of response);
  if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function gatewayUsage(services: SeparateServices) {
  const pid = services.pidOf("api-gateway");
  if (pid === undefined) throw new Error("the gateway does not run");
  return usageOf(pid);
}
