import { chmod, mkdir } from "node:fs/promises";
import { HookRunner, ImagePuller, NodeApi, PodLifecycle, ProbeRunner } from "@podbus/contracts";
import { type Cri, createCri } from "@podbus/cri";
import { toPodbusError } from "@podbus/errors";
import { createNodeEventRecorder } from "@podbus/events";
import { kubernetesVersion } from "@podbus/kube";
import type { ServiceRuntime } from "@podbus/service";
import { BootRecord } from "./adapters/boot-record.ts";
import { RecordedEvents } from "./adapters/event-recorder.ts";
import { LocalHookJournal } from "./adapters/hook-journal.ts";
import { KnownServices } from "./adapters/known-services.ts";
import { Logind } from "./adapters/logind.ts";
import { readMachineFacts } from "./adapters/machine-facts.ts";
import { LocalPodCgroups } from "./adapters/pod-cgroups.ts";
import { LocalPodFiles } from "./adapters/pod-files.ts";
import { PodTokens } from "./adapters/pod-tokens.ts";
import { LocalPodUsers } from "./adapters/pod-users.ts";
import { LocalPodVolumes } from "./adapters/pod-volumes.ts";
import { RuntimeWatch } from "./adapters/runtime-watch.ts";
import { readTerminationMessage } from "./adapters/termination-messages.ts";
import type { PodLifecycleConfig } from "./config.ts";
import { allocatableOf, labelsOf } from "./domain/node-object.ts";
import { podPaths } from "./domain/pod-paths.ts";
import { ExecSessions } from "./handlers/exec.ts";
import { readLogs } from "./handlers/read-logs.ts";
import { Tunnels } from "./handlers/tunnels.ts";
import { announceNode } from "./node/announce-node.ts";
import { rotateLogs } from "./node/log-rotation.ts";
import { NodeRegistration } from "./node/node-registration.ts";
import { NodeShutdown } from "./node/node-shutdown.ts";
import { PodFeed } from "./node/pod-feed.ts";
import { PodWorkers } from "./node/pod-workers.ts";
import { withStaticPods } from "./node/static-node-api.ts";
import { StaticPods } from "./node/static-pods.ts";
import { enforceVolumeLimits } from "./node/volume-limits.ts";
import type { MachineShutdown, NodeServices, PodCgroups } from "./ports.ts";

export interface PodLifecycleOverrides {
  /** Default: the runtime at the configured endpoint, closed with the service. */
  readonly cri?: Cri;
  /** Default: this machine's. */
  readonly cgroups?: PodCgroups;
  /** Default: logind. */
  readonly machineShutdown?: MachineShutdown;
}

/**
 * The node agent. Serves PodLifecycle at once; follows the feed as soon as the runtime has told what is there.
 * Disposing it leaves every container running: the next start adopts them.
 */
export async function startPodLifecycle(
  runtime: ServiceRuntime,
  config: PodLifecycleConfig,
  overrides: PodLifecycleOverrides = {},
): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const stopping = new AbortController();
  const { criEndpoint: endpoint, criTimeoutMs: requestTimeoutMs } = config;
  const cri = overrides.cri ?? starting.use(createCri({ endpoint, requestTimeoutMs, clock: runtime.clock }));
  const cgroups =
    overrides.cgroups ??
    new LocalPodCgroups({ log: runtime.log, root: config.cgroupRoot, podPidsLimit: config.podPidsLimit });
  const { machineShutdown } = overrides;
  const { services, workers, statics, registration, shutdown, boot } = await assemble(runtime, config, {
    cri,
    cgroups,
    machineShutdown,
    starting,
  });
  starting.defer(() => stopping.abort());
  starting.use(workers);
  starting.use(statics);
  const exec = new ExecSessions({ services, workers });
  const target = { node: config.nodeName };
  const tunnels = new Tunnels({ services, workers });
  const implementation = {
    readLogs: readLogs({ services, workers }),
    ...exec.implementation,
    ...tunnels.implementation,
  };
  registration.run(stopping.signal);
  void enforceVolumeLimits(services, () => workers.active, stopping.signal);
  void rotateLogs(services, config.logs, stopping.signal);
  if (config.shutdownPeriods.length > 0) void shutdown.run(stopping.signal);
  void announceNode(services, boot).catch((err) =>
    runtime.log.warn({ err: toPodbusError(err) }, "cannot note the boot"),
  );
  void services.runtime.start(stopping.signal).then(() => followPods(services, statics, stopping.signal));
  // Only now: the bus may be long in coming, and static pods do not wait for it.
  starting.use(await runtime.bus.serve(PodLifecycle, target, implementation));
  return starting.move();
}

/** First those that need no API. */
async function followPods({ api, clock, log }: NodeServices, statics: StaticPods, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await statics.start();
  if (!signal.aborted) new PodFeed({ api, clock, log, sink: statics }).run(signal);
}

function apiAddressOf({ apiAddress }: PodLifecycleConfig, [nodeIp]: readonly string[]) {
  const host = apiAddress?.host || nodeIp;
  return apiAddress && host ? { host, port: apiAddress.port } : undefined;
}

interface Parts {
  readonly cri: Cri;
  readonly cgroups: PodCgroups;
  readonly machineShutdown: MachineShutdown | undefined;
  readonly starting: AsyncDisposableStack;
}

async function assemble(
  { bus, clock, log, tracer }: ServiceRuntime,
  config: PodLifecycleConfig,
  { cri, cgroups, machineShutdown, starting }: Parts,
) {
  const directories = { stateDir: config.stateDir, runDir: config.runDir };
  await Promise.all([config.stateDir, podPaths.allRuns(directories)].map((path) => mkdir(path, { recursive: true })));
  await chmod(podPaths.allRuns(directories), 0o700);
  const machine = await readMachineFacts(config.stateDir, config.nodeIp);
  const node = {
    name: config.nodeName,
    machine,
    maxPods: config.maxPods,
    labels: config.nodeLabels,
    reservations: { ...config.reserved, eviction: config.evictionHard },
    podbusVersion: kubernetesVersion.gitVersion,
  };
  const allocatable = allocatableOf(node);
  const target = { node: config.nodeName };
  const api = bus.client(NodeApi, target);
  const images = bus.client(ImagePuller, target);
  const recorder = starting.use(createNodeEventRecorder({ nodeApi: api, clock, log }));
  const events = new RecordedEvents(recorder, config.nodeName);
  const watch = new RuntimeWatch({
    cri,
    clock,
    log,
    nodeName: config.nodeName,
    readTerminationMessage,
    onChange: (uid) => workers.runtimeChanged(uid),
  });
  const users = new LocalPodUsers(directories);
  const statics: StaticPods = new StaticPods({
    api,
    clock,
    log,
    events,
    nodeName: config.nodeName,
    stateDir: config.stateDir,
    manifests: config.staticPodPath,
    workers: () => workers,
  });
  const services: NodeServices = {
    node: {
      name: config.nodeName,
      hostIps: machine.ips,
      directories,
      cgroupRoot: config.cgroupRoot,
      seccompDir: `${config.stateDir}/seccomp`,
      dns: config.dns,
      labels: labelsOf(node),
      allocatable,
      allowedSysctls: config.allowedSysctls,
      appArmor: machine.appArmor,
      memoryCapacityBytes: machine.memoryBytes,
      apiAddress: apiAddressOf(config, machine.ips),
    },
    clock,
    log,
    tracer,
    cri,
    runtime: watch,
    images,
    hooks: bus.client(HookRunner, target),
    probes: bus.client(ProbeRunner, target),
    api: withStaticPods(api, statics),
    knownServices: new KnownServices(withStaticPods(api, statics)),
    events,
    volumes: new LocalPodVolumes({ directories, api, allocatable, users, tokens: new PodTokens({ api, clock, log }) }),
    users,
    files: new LocalPodFiles(directories, config.dns.cluster.domain),
    hookJournal: new LocalHookJournal(directories),
    cgroups,
  };
  const workers: PodWorkers = new PodWorkers(services, {
    isGoingDown: () => shutdown.goingDown,
    uidHere: (uid) => statics.uidHere(uid),
    onRemoved: (uid) => statics.removed(uid),
  });
  const problems = () => (shutdown.goingDown ? ["node is shutting down"] : []);
  const registration = new NodeRegistration({ api, images, cri, clock, log, node, events, problems });
  const delayMs = config.shutdownPeriods.reduce((sum, { seconds }) => sum + seconds * 1_000, 0);
  const shutdown = new NodeShutdown({
    machine: machineShutdown ?? new Logind({ clock, log, delayMs }),
    periods: config.shutdownPeriods,
    clock,
    events,
    activePods: () => workers.active,
    onChange: () => registration.reportNow(),
  });
  const boot = { id: machine.bootId, record: new BootRecord(config.stateDir) };
  return { services, workers, statics, registration, shutdown, boot };
}
