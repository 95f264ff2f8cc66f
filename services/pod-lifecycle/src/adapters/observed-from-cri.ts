import {
  ContainerState,
  type ContainerStatus,
  NamespaceMode,
  type PodSandbox,
  PodSandboxState,
  type PodSandboxStatus,
} from "@podbus/contracts/cri";
import type { ObservedContainer, ObservedSandbox } from "../domain/observed-pod.ts";
import type { PodIdentity } from "../domain/pod-ref.ts";
import { runtimeAnnotations, runtimeLabels } from "../domain/runtime-labels.ts";

type Labels = Readonly<Record<string, string>>;

/** Whose pod it is; undefined if another agent made it. */
export function podRefOf(labels: Labels, nodeName: string): PodIdentity | undefined {
  const uid = labels[runtimeLabels.podUid];
  if (!uid || labels[runtimeLabels.node] !== nodeName) return undefined;
  return { uid, namespace: labels[runtimeLabels.podNamespace] ?? "", name: labels[runtimeLabels.podName] ?? "" };
}

export function observedSandbox(sandbox: PodSandboxStatus): ObservedSandbox {
  const onHost = sandbox.linux?.namespaces?.options?.network === NamespaceMode.NODE;
  const network = onHost ? undefined : sandbox.network;
  const ips = [network?.ip ?? "", ...(network?.additionalIps ?? []).map((each) => each.ip)];
  return { ...listedSandbox(sandbox), ips: ips.filter((ip) => ip !== "") };
}

/** A sandbox as a list shows it, without addresses. */
export function listedSandbox(sandbox: PodSandbox | PodSandboxStatus): ObservedSandbox {
  return {
    id: sandbox.id,
    attempt: sandbox.metadata?.attempt ?? 0,
    state: sandbox.state === PodSandboxState.SANDBOX_READY ? "ready" : "not-ready",
    createdAtMs: milliseconds(sandbox.createdAt),
    ips: [],
  };
}

/** `sandboxId` is not part of a status; the caller knows it from a list, an event or its own call. */
export function observedContainer(status: ContainerStatus, sandboxId: string): ObservedContainer {
  return {
    id: status.id,
    name: status.metadata?.name ?? "",
    sandboxId,
    attempt: status.metadata?.attempt ?? 0,
    restartCount: Number(status.annotations[runtimeAnnotations.restartCount] ?? status.metadata?.attempt ?? 0),
    state: stateOf(status.state),
    createdAtMs: milliseconds(status.createdAt),
    startedAtMs: milliseconds(status.startedAt),
    finishedAtMs: milliseconds(status.finishedAt),
    endedSteadyMs: 0,
    exitCode: status.exitCode,
    reason: status.reason,
    message: status.message,
    image: status.image?.image ?? "",
    imageRef: status.imageRef,
    backOffMs: Number(status.annotations[runtimeAnnotations.backOffMs] ?? "0"),
    hash: status.annotations[runtimeAnnotations.hash] ?? "",
  };
}

/** A container in an unknown state has no process that could be waited for: it counts as ended (as the kubelet sees it). */
export function stateOf(state: ContainerState): ObservedContainer["state"] {
  if (state === ContainerState.CONTAINER_CREATED) return "created";
  return state === ContainerState.CONTAINER_RUNNING ? "running" : "exited";
}

const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds / 1_000_000n);
