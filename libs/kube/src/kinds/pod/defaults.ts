import { taints } from "../../constants.ts";
import { defaultImagePullPolicy } from "../../image/image-name.ts";
import { cloneJson } from "../../json.ts";
import type { Container, LifecycleHandler, Probe } from "./container-schema.ts";
import type { Toleration } from "./scheduling-schema.ts";
import type { Pod, PodSpec } from "./schema.ts";
import { type Volume, volumeSourceNames } from "./volume-schema.ts";

// Rules: pkg/apis/core/v1/defaults.go. The functions below change a private copy made by defaultPod.

const defaultFileMode = 0o644;

/** A zero counts as left out where Go's field is no pointer. */
function orDefault(value: number | undefined, fallback: number): number {
  return value === undefined || value === 0 ? fallback : value;
}

function fillHandler(handler: Probe | LifecycleHandler | undefined): void {
  if (handler?.httpGet === undefined) return;
  handler.httpGet.path ??= "/";
  handler.httpGet.scheme ??= "HTTP";
}

function fillProbe(probe: Probe | undefined): void {
  if (probe === undefined) return;
  fillHandler(probe);
  if (probe.grpc !== undefined) probe.grpc.service ??= "";
  probe.timeoutSeconds = orDefault(probe.timeoutSeconds, 1);
  probe.periodSeconds = orDefault(probe.periodSeconds, 10);
  probe.successThreshold = orDefault(probe.successThreshold, 1);
  probe.failureThreshold = orDefault(probe.failureThreshold, 3);
}

/** Who limits a resource and does not say what is needed needs all of it. */
function fillRequests(container: Container): void {
  container.resources ??= {};
  const { limits } = container.resources;
  if (limits === undefined) return;
  container.resources.requests = { ...limits, ...container.resources.requests };
}

function fillContainer(container: Container): void {
  container.imagePullPolicy ??= defaultImagePullPolicy(container.image ?? "");
  container.terminationMessagePath ??= "/dev/termination-log";
  container.terminationMessagePolicy ??= "File";
  for (const port of container.ports ?? []) port.protocol ??= "TCP";
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= "v1";
    if (valueFrom?.resourceFieldRef !== undefined) valueFrom.resourceFieldRef.divisor ??= "0";
  }
  fillProbe(container.livenessProbe);
  fillProbe(container.readinessProbe);
  fillProbe(container.startupProbe);
  fillHandler(container.lifecycle?.postStart);
  fillHandler(container.lifecycle?.preStop);
}

function fillDownwardItems(items: NonNullable<Volume["downwardAPI"]>["items"]): void {
  for (const item of items ?? []) {
    if (item.fieldRef !== undefined) item.fieldRef.apiVersion ??= "v1";
    if (item.resourceFieldRef !== undefined) item.resourceFieldRef.divisor ??= "0";
  }
}

function fillNetworkVolume(volume: Volume): void {
  if (volume.iscsi !== undefined) volume.iscsi.iscsiInterface ??= "default";
  if (volume.rbd !== undefined) {
    volume.rbd.pool ??= "rbd";
    volume.rbd.user ??= "admin";
    volume.rbd.keyring ??= "/etc/ceph/keyring";
  }
  if (volume.azureDisk !== undefined) {
    volume.azureDisk.cachingMode ??= "ReadWrite";
    volume.azureDisk.kind ??= "Shared";
    volume.azureDisk.fsType ??= "ext4";
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO !== undefined) {
    volume.scaleIO.storageMode ??= "ThinProvisioned";
    volume.scaleIO.fsType ??= "xfs";
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim !== undefined) claim.volumeMode ??= "Filesystem";
}

function fillVolume(volume: Volume): void {
  if (volumeSourceNames.every((source) => volume[source] === undefined)) volume.emptyDir = {};
  if (volume.secret !== undefined) volume.secret.defaultMode ??= defaultFileMode;
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= defaultFileMode;
  if (volume.downwardAPI !== undefined) volume.downwardAPI.defaultMode ??= defaultFileMode;
  fillDownwardItems(volume.downwardAPI?.items);
  if (volume.projected !== undefined) volume.projected.defaultMode ??= defaultFileMode;
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= 3600;
    fillDownwardItems(source.downwardAPI?.items);
  }
  if (volume.hostPath !== undefined) volume.hostPath.type ??= "";
  fillNetworkVolume(volume);
}

function fillHostPorts(spec: PodSpec): void {
  if (spec.hostNetwork !== true) return;
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    for (const port of container.ports ?? []) port.hostPort = orDefault(port.hostPort, port.containerPort);
  }
}

/** Changes the spec in place; also for the templates of workloads. */
export function fillPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= "Always";
  spec.dnsPolicy ??= "ClusterFirst";
  spec.terminationGracePeriodSeconds ??= 30;
  spec.securityContext ??= {};
  spec.schedulerName ??= "default-scheduler";
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  for (const container of spec.containers) fillContainer(container);
  for (const container of spec.initContainers ?? []) fillContainer(container);
  for (const container of spec.ephemeralContainers ?? []) fillContainer(container);
  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    container.resources ??= {};
  }
  for (const volume of spec.volumes ?? []) fillVolume(volume);
  fillHostPorts(spec);
}

/** What Kubernetes fills into a pod when it reads it. */
export function defaultPod(pod: Pod): Pod {
  const copy = cloneJson(pod);
  fillPodSpec(copy.spec);
  copy.spec.enableServiceLinks ??= true;
  for (const container of [...copy.spec.containers, ...(copy.spec.initContainers ?? [])]) fillRequests(container);
  return copy;
}

/** Seconds that a pod stays on a node that is not ready or out of reach. */
const tolerationSeconds = 300;

function tolerates(toleration: Toleration, key: string): boolean {
  const sameKey = toleration.key === key || (toleration.key ?? "") === "";
  return sameKey && (toleration.effect === undefined || toleration.effect === "NoExecute");
}

/** plugin/pkg/admission/defaulttolerationseconds: the tolerations to add to this pod. */
export function defaultTolerations(pod: Pod): Toleration[] {
  const own = pod.spec.tolerations ?? [];
  return [taints.notReady, taints.unreachable]
    .filter((key) => !own.some((toleration) => tolerates(toleration, key)))
    .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds }));
}

const systemPriorities: Readonly<Record<string, number>> = {
  "system-node-critical": 2_000_001_000,
  "system-cluster-critical": 2_000_000_000,
};

/**
 * What Kubernetes' default admission plugins add: service account, tolerations, priority.
 * A priority class of the user's own is not known here and leaves the priority to the caller.
 */
export function withAdmissionDefaults(pod: Pod): Pod {
  const { spec } = pod;
  const account = spec.serviceAccountName ?? "default";
  const className = spec.priorityClassName;
  const priority = className === undefined ? 0 : systemPriorities[className];
  const tolerations = [...(spec.tolerations ?? []), ...defaultTolerations(pod)];
  return {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: account,
      serviceAccount: account,
      ...(tolerations.length === 0 ? {} : { tolerations }),
      ...(priority === undefined ? {} : { priority }),
      preemptionPolicy: spec.preemptionPolicy ?? "PreemptLowerPriority",
    },
  };
}
