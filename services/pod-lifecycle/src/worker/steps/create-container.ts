import { PodbusError, toPodbusError } from "@podbus/errors";
import type { ConfigMap, Container, Secret } from "@podbus/kube";
import { withSpan } from "@podbus/telemetry";
import { asksForRecursion, type ContainerFacts, containerConfig } from "../../domain/container-config.ts";
import { ContainerConfigError, containerEnv, type Dependencies, envDependencies } from "../../domain/container-env.ts";
import { containerHash } from "../../domain/container-hash.ts";
import { type ImageUser, needsImageUser, rootRefusal } from "../../domain/container-security.ts";
import { isHugePages, podCgroupPath } from "../../domain/linux-resources.ts";
import { podPaths } from "../../domain/pod-paths.ts";
import type { PodAction } from "../../domain/pod-plan.ts";
import { canMountRecursivelyReadOnly } from "../../domain/runtime-features.ts";
import { sandboxConfig } from "../../domain/sandbox-config.ts";
import { serviceEnv } from "../../domain/service-env.ts";
import { subPathOf } from "../../domain/sub-path.ts";
import { containerNamed, type PodTask } from "../pod-task.ts";
import { requireOwnUsers } from "../require-own-users.ts";
import { runtimeHandlerOf } from "../runtime-handler.ts";
import { sandboxDns } from "../sandbox-dns.ts";

type CreateAction = Extract<PodAction, { kind: "create-container" }>;

/** The container is made in its sandbox, not started. Its image result is used up: the next run asks again. */
export async function createContainer(task: PodTask, action: CreateAction): Promise<void> {
  const { services, pod, progress } = task;
  await withSpan(
    services.tracer,
    `create ${action.container}`,
    { attributes: { attempt: action.attempt } },
    async () => {
      try {
        await create(task, action);
      } catch (thrown) {
        const error = asCreateError(thrown);
        // The image may have been collected meanwhile: the next try asks for it again.
        if (error.reason !== "CreateContainerConfigError") progress.images.delete(action.container);
        const event = {
          type: "Warning",
          reason: "Failed",
          message: `Error: ${error.message}`,
          container: action.container,
        } as const;
        services.events.record(pod, event);
        throw error;
      }
    },
  );
  progress.images.delete(action.container);
  services.events.record(pod, {
    type: "Normal",
    reason: "Created",
    message: `Created container ${action.container}`,
    container: action.container,
  });
}

function asCreateError(thrown: unknown): PodbusError {
  if (thrown instanceof ContainerConfigError) {
    return new PodbusError({
      code: "FAILED_PRECONDITION",
      reason: "CreateContainerConfigError",
      message: thrown.message,
    });
  }
  const { code, message, reason } = toPodbusError(thrown);
  return new PodbusError({ code, reason: reason || "CreateContainerError", message, cause: thrown });
}

async function create(task: PodTask, action: CreateAction): Promise<void> {
  const { services, pod, ref } = task;
  const container = containerNamed(pod, action.container);
  const facts = await gatherFacts(task, container, action);
  await requireOwnUsers(task, action.sandboxId, facts.users);
  const config = containerConfig(pod, container, facts);
  const { containerId } = await services.cri.runtime.createContainer({
    podSandboxId: action.sandboxId,
    config,
    sandboxConfig: sandboxConfig(pod, { ...(await sandboxFacts(task, action.sandboxId)), users: facts.users }),
  });
  const image = task.progress.images.get(action.container);
  services.runtime.sawContainer(ref, {
    id: containerId,
    name: action.container,
    sandboxId: action.sandboxId,
    attempt: action.attempt,
    restartCount: action.restartCount,
    state: "created",
    createdAtMs: services.clock.now(),
    startedAtMs: 0,
    finishedAtMs: 0,
    endedSteadyMs: 0,
    exitCode: 0,
    reason: "",
    message: "",
    image: container.image ?? "",
    imageRef: image?.kind === "ready" ? image.imageId : "",
    backOffMs: action.backOffMs,
    hash: containerHash(container),
  });
}

async function sandboxFacts(task: PodTask, sandboxId: string) {
  const { services, pod, ref } = task;
  const { node, runtime } = services;
  return {
    dns: (await sandboxDns(task)).settings,
    clusterDomain: node.dns.cluster.domain,
    nodeName: node.name,
    attempt: runtime.observed(ref.uid).sandboxes.find((s) => s.id === sandboxId)?.attempt ?? 0,
    logDirectory: podPaths.logs(node.directories, pod),
    cgroupParent: podCgroupPath(node.cgroupRoot, pod),
    seccompDir: node.seccompDir,
  };
}

async function gatherFacts(task: PodTask, container: Container, action: CreateAction): Promise<ContainerFacts> {
  const { services, pod, ref } = task;
  const { node, files } = services;
  const sandbox = services.runtime.observed(ref.uid).sandboxes.find((s) => s.id === action.sandboxId);
  const podIps = pod.spec.hostNetwork ? node.hostIps : (sandbox?.ips ?? []);
  const [runtimeHandler, users, imageUser, dependencies, terminationMessageFile, hostsFile] = await Promise.all([
    runtimeHandlerOf(task),
    services.users.ensure(pod),
    imageUserOf(task, container, action.imageRef),
    fetchDependencies(task, container),
    files.ensureContainerFiles(pod, container.name, action.attempt),
    files.ensureHosts(pod, podIps),
  ]);
  const downward = { pod, podIps, hostIps: node.hostIps, allocatable: node.allocatable };
  const env = containerEnv(container, downward, dependencies);
  for (const message of env.warnings) {
    services.events.record(pod, { type: "Warning", reason: "InvalidEnvironmentVariableNames", message });
  }
  return {
    nodeName: node.name,
    attempt: action.attempt,
    restartCount: action.restartCount,
    backOffMs: action.backOffMs,
    imageRef: action.imageRef,
    env: env.values,
    volumes: services.volumes.paths(pod),
    subPaths: await mountSubPaths(task, container, env.values),
    hostsFile,
    terminationMessageFile,
    seccompDir: node.seccompDir,
    memoryCapacityBytes: node.memoryCapacityBytes,
    hugePages: Object.keys(node.allocatable).filter(isHugePages),
    unifiedCgroups: services.cgroups.unified,
    runtimeHandler,
    recursiveReadOnly: await recursiveReadOnlyOf(task, container, runtimeHandler),
    users,
    imageUser,
    targetId: targetId(task, action),
  };
}

/** The runtime is asked only where a mount wants it. */
async function recursiveReadOnlyOf({ services, signal }: PodTask, container: Container, handler: string) {
  if (!container.volumeMounts?.some(asksForRecursion)) return false;
  return canMountRecursivelyReadOnly(await services.cri.runtime.status({}, { signal }), handler);
}

/** kubelet: getTargetID (pkg/kubelet/kuberuntime/kuberuntime_container.go). */
function targetId({ services, pod, ref }: PodTask, { container, sandboxId }: CreateAction): string | undefined {
  const target = pod.spec.ephemeralContainers?.find((c) => c.name === container)?.targetContainerName;
  if (!target) return undefined;
  const running = services.runtime
    .observed(ref.uid)
    .containers.find((c) => c.name === target && c.sandboxId === sandboxId && c.state === "running");
  if (!running) throw new ContainerConfigError(`unable to find target container ${target}`);
  return running.id;
}

async function fetchDependencies(task: PodTask, container: Container): Promise<Dependencies> {
  const { configMaps, secrets } = envDependencies(container);
  const [services, foundConfigMaps, foundSecrets] = await Promise.all([
    task.services.knownServices.of(task.pod, task.signal),
    fetchAll<ConfigMap>(task, "configmaps", configMaps),
    fetchAll<Secret>(task, "secrets", secrets),
  ]);
  if (!services) {
    throw new ContainerConfigError("services have not yet been read at least once, cannot construct envvars");
  }
  const { metadata, spec } = task.pod;
  const { apiAddress } = task.services.node;
  return {
    services: serviceEnv({
      services,
      namespace: metadata.namespace ?? "",
      enableServiceLinks: spec.enableServiceLinks ?? true,
      apiAddress,
    }),
    configMap: (name) => foundConfigMaps.get(name),
    secret: (name) => foundSecrets.get(name),
  };
}

async function fetchAll<T>(task: PodTask, resource: "configmaps" | "secrets", names: ReadonlySet<string>) {
  const found = new Map<string, T>();
  await Promise.all(
    [...names].map(async (name) => {
      try {
        const request = { pod: task.ref, resource, name };
        const { objectJson } = await task.services.api.getPodDependency(request, { signal: task.signal });
        found.set(name, JSON.parse(Buffer.from(objectJson).toString()) as T);
      } catch (thrown) {
        const { code } = toPodbusError(thrown);
        if (code !== "NOT_FOUND") throw thrown;
      }
    }),
  );
  return found;
}

/** Undefined where nobody needs to know. Throws if the container would run as root and must not. */
async function imageUserOf(
  { services, pod }: PodTask,
  container: Container,
  imageRef: string,
): Promise<ImageUser | undefined> {
  const user = needsImageUser(pod, container) ? await askImage(services, imageRef) : undefined;
  const refusal = rootRefusal(pod, container, user);
  if (refusal) throw new ContainerConfigError(refusal);
  return user;
}

async function askImage({ cri }: PodTask["services"], imageRef: string): Promise<ImageUser> {
  const { image } = await cri.image.imageStatus({ image: { image: imageRef } });
  return { uid: image?.uid?.value, username: image?.username ?? "" };
}

/** One after another: two may be of the same volume. What is wrong with the machine's files is not told to the pod's author. */
async function mountSubPaths(
  { services, pod, ref }: PodTask,
  container: Container,
  env: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const mounted = new Map<string, string>();
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const subPath = subPathOf(mount, env);
    if (subPath === "") continue;
    const place = { volume: mount.name, container: container.name, index };
    try {
      mounted.set(mount.mountPath, await services.volumes.mountSubPath(pod, place, subPath));
    } catch (err) {
      services.log.warn({ err, pod: ref, ...place, subPath }, "cannot mount a part of a volume");
      throw new ContainerConfigError(
        `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`,
      );
    }
  }
  return mounted;
}
