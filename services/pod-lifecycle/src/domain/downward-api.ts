import { goQuote } from "@podbus/errors";
import type { Container, Pod } from "@podbus/kube";
import { cpuMilli, wholeValue } from "./quantities.ts";

export interface DownwardFacts {
  readonly pod: Pod;
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  /** Limits that are not set fall back to what the node can give. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The value of a fieldRef; undefined if the path is not supported. Kubernetes: pkg/fieldpath, kubelet podFieldSelectorRuntimeValue. */
export function fieldValue(facts: DownwardFacts, path: string): string | undefined {
  const { pod, podIps, hostIps } = facts;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] === "labels" ? "labels" : "annotations"]?.[keyed[2] ?? ""] ?? "";
  const values: Readonly<Record<string, string>> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace ?? "",
    "metadata.uid": pod.metadata.uid ?? "",
    "metadata.labels": formatMap(pod.metadata.labels),
    "metadata.annotations": formatMap(pod.metadata.annotations),
    "spec.nodeName": pod.spec.nodeName ?? "",
    "spec.serviceAccountName": pod.spec.serviceAccountName ?? "",
    "status.hostIP": hostIps[0] ?? "",
    "status.hostIPs": hostIps.join(","),
    "status.podIP": podIps[0] ?? "",
    "status.podIPs": podIps.join(","),
  };
  return Object.hasOwn(values, path) ? values[path] : undefined;
}

const formatMap = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .join("\n");

/** A resourceFieldRef in units of its divisor, rounded up. Kubernetes: pkg/api/v1/resource/helpers.go. */
export function resourceValue(
  facts: DownwardFacts,
  container: Container,
  ref: { readonly resource: string; readonly divisor?: string | undefined },
): string | undefined {
  const [kind, name] = ref.resource.split(/\.(.*)/, 2);
  if ((kind !== "limits" && kind !== "requests") || !name) return undefined;
  const measure = name === "cpu" ? cpuMilli : wholeValue;
  const own = container.resources?.[kind]?.[name] ?? "0";
  const unlimited = kind === "limits" && measure(own) === 0;
  const value = unlimited ? (facts.allocatable[name] ?? "0") : own;
  const divisor = ref.divisor && ref.divisor !== "0" ? ref.divisor : "1";
  return String(Math.ceil(measure(value) / measure(divisor)));
}
