import { toPodbusError } from "@podbus/errors";
import { isMirrorPod, type Node, type Pod, type PodStatus } from "@podbus/kube";
import { readManifests, watchManifests } from "../adapters/manifest-directory.ts";
import { StaticPodRecords } from "../adapters/static-pod-records.ts";
import { kubeTime } from "../domain/kube-time.ts";
import { nameOf, planStaticPods, type StaticPodRecord } from "../domain/plan-static-pods.ts";
import type { PodIdentity } from "../domain/pod-ref.ts";
import { staticPodOf } from "../domain/static-pod.ts";
import type { NodeServices } from "../ports.ts";
import { MirrorPods } from "./mirror-pods.ts";
import type { PodSink } from "./pod-feed.ts";
import type { PodWorkers } from "./pod-workers.ts";

export interface StaticPodsOptions extends Pick<NodeServices, "api" | "clock" | "log" | "events"> {
  readonly nodeName: string;
  readonly stateDir: string;
  /** Undefined: this node has no static pods. */
  readonly manifests: string | undefined;
  /** Asked when it is needed: workers and static pods know each other. */
  readonly workers: () => PodWorkers;
}

/** A manifest is often seen before it is written to its end. */
const settleMs = 200;

/**
 * The pods of a directory of manifests on this machine. They are run like any other, but what the API does for others is
 * done here: their objects are files below the state directory, and the API is only shown a mirror of them.
 */
export class StaticPods implements PodSink {
  readonly #options: StaticPodsOptions;
  readonly #stored: StaticPodRecords;
  readonly #records = new Map<string, StaticPodRecord>();
  readonly #mirrors: MirrorPods;
  /** What was wrong with a manifest when it was last read, by path; told once. */
  #problems: ReadonlyMap<string, string> = new Map();
  #told: ReadonlyMap<string, string> = new Map();
  #reading: Promise<void> = Promise.resolve();
  #queued = false;
  #stop = new AbortController();

  constructor(options: StaticPodsOptions) {
    this.#options = options;
    this.#stored = new StaticPodRecords(options.stateDir);
    const staticPod = (name: string) => [...this.#records.values()].find(({ pod }) => nameOf(pod) === name)?.pod;
    this.#mirrors = new MirrorPods({ ...options, staticPod });
  }

  /** Takes up what was here before; then follows the manifests until disposed. */
  async start(): Promise<void> {
    const { log, manifests, clock } = this.#options;
    const { records, broken } = await this.#stored.load();
    for (const path of broken) log.error({ path }, "a static pod's record cannot be read");
    for (const record of records) this.#records.set(record.pod.metadata.uid ?? "", record);
    for (const { pod } of records) this.#options.workers().podChanged(pod);
    if (manifests === undefined) this.#readSoon();
    else void watchManifests(manifests, { clock, signal: this.#stop.signal, onChange: () => this.#readSoon() });
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#mirrors.stop();
  }

  has(uid: string): boolean {
    return this.#records.has(uid);
  }

  mirrorOf(uid: string): PodIdentity | undefined {
    return this.#mirrors.mirrorOfUid(uid);
  }

  uidHere(uid: string): string {
    return this.#mirrors.uidHere(uid);
  }

  /** What the API does with a status. */
  async updateStatus(uid: string, reported: PodStatus): Promise<void> {
    const record = this.#records.get(uid);
    if (!record) return;
    const scheduled = record.pod.status?.conditions?.filter(({ type }) => type === "PodScheduled") ?? [];
    const conditions = [...(reported.conditions ?? []), ...scheduled];
    await this.#change({ ...record, pod: { ...record.pod, status: { ...reported, conditions } } });
  }

  /** What the API does when nothing of a deleted pod is left. */
  async finishDeletion(uid: string): Promise<void> {
    const record = this.#records.get(uid);
    if (!record) return;
    await this.#stored.remove(uid);
    this.#records.delete(uid);
    this.#options.workers().podGone(uid);
    this.#mirrors.changed(nameOf(record.pod));
  }

  /** Nothing of that pod is here any more: another of its name may begin. */
  removed(uid: string): void {
    if (!this.#records.has(uid)) this.#readSoon();
  }

  nodeChanged(node: Node): void {
    this.#options.workers().nodeChanged(node);
  }

  listed(pods: readonly Pod[]): void {
    const own = [...this.#records.values()].map(({ pod }) => pod);
    this.#mirrors.listed(pods.filter(isMirrorPod), own.map(nameOf));
    this.#options.workers().listed([...pods.filter((pod) => !isMirrorPod(pod)), ...own]);
  }

  podChanged(pod: Pod): void {
    if (isMirrorPod(pod)) this.#mirrors.mirrorChanged(pod);
    else this.#options.workers().podChanged(pod);
  }

  podGone(uid: string): void {
    if (!this.#mirrors.gone(uid)) this.#options.workers().podGone(uid);
  }

  /** One reading at a time; what comes meanwhile leads to one more. */
  #readSoon(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#reading = this.#reading.then(async () => {
      this.#queued = false;
      if (this.#stop.signal.aborted) return;
      await this.#read().catch((thrown) =>
        this.#options.log.error({ err: toPodbusError(thrown) }, "cannot follow the static pods"),
      );
    });
  }

  async #read(): Promise<void> {
    const { manifests, nodeName, clock } = this.#options;
    const { files, unreadable } = manifests ? await readManifests(manifests) : { files: [], unreadable: new Map() };
    const problems = new Map<string, string>(unreadable);
    const pods: StaticPodRecord[] = [];
    for (const { path, content } of files) {
      try {
        pods.push({ path, pod: staticPodOf(content, { path, node: nodeName, nowMs: clock.now() }) });
      } catch (error) {
        problems.set(path, (error as Error).message);
      }
    }
    const wholeDirectory = manifests !== undefined && unreadable.has(manifests);
    const kept = wholeDirectory ? [...this.#records.values()].map(({ path }) => path) : [];
    const plan = planStaticPods(this.#records.values(), { pods, unreadable: new Set([...problems.keys(), ...kept]) });
    for (const [path, problem] of plan.refused) problems.set(path, problem);
    this.#tell(problems);
    for (const uid of plan.end) await this.#end(uid);
    for (const record of plan.start) {
      if (!this.#options.workers().get(record.pod.metadata.uid ?? "")) await this.#change(record);
    }
  }

  async #end(uid: string): Promise<void> {
    const record = this.#records.get(uid);
    if (!record) return;
    const { metadata, spec } = record.pod;
    const deletionGracePeriodSeconds = spec.terminationGracePeriodSeconds ?? 30;
    const deletionTimestamp = kubeTime(this.#options.clock.now() + deletionGracePeriodSeconds * 1000);
    const pod = { ...record.pod, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds } };
    await this.#change({ ...record, pod });
  }

  async #change(record: StaticPodRecord): Promise<void> {
    await this.#stored.put(record);
    this.#records.set(record.pod.metadata.uid ?? "", record);
    this.#options.workers().podChanged(record.pod);
    this.#mirrors.changed(nameOf(record.pod));
  }

  /** A problem that is still the same a moment later is told, once. */
  #tell(problems: ReadonlyMap<string, string>): void {
    const { log, events, clock } = this.#options;
    const isNew = ([path, problem]: [string, string]) => this.#told.get(path) !== problem;
    const stayed = [...problems].filter(([path, problem]) => this.#problems.get(path) === problem);
    for (const [path, problem] of stayed.filter(isNew)) {
      log.error({ path, problem }, "a static pod's manifest is not used");
      events.recordOfNode({ type: "Warning", reason: "InvalidStaticPod", message: `${path}: ${problem}` });
    }
    if ([...problems].some(([path, problem]) => this.#problems.get(path) !== problem)) {
      clock.after(settleMs, () => this.#readSoon());
    }
    this.#told = new Map([...this.#told].filter(([path]) => problems.has(path)).concat(stayed));
    this.#problems = problems;
  }
}
