import { type CheckedAction, checkAction } from "@podbus/actions";
import { type ContainerRef, type Probe, ProbeKind, type RunProbesRequest, Verdict } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { ProbeKindName, Thresholds, VerdictName } from "./probe-state.ts";

/** A probe with Kubernetes' defaults filled in (pkg/apis/core/v1/defaults.go, SetDefaults_Probe). */
export interface ProbeSpec {
  readonly kind: ProbeKindName;
  readonly action: CheckedAction;
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly thresholds: Thresholds;
  /** What the caller knew before; undefined for a new container. */
  readonly known: VerdictName | undefined;
}

export interface ProbedContainer {
  readonly id: string;
  readonly name: string;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly startedAtMs: number;
  readonly probes: readonly ProbeSpec[];
}

/** Shorter periods would keep a node busy with nothing else. */
const shortestPeriodMs = 100;

/** The request with its defaults, or INVALID_ARGUMENT. */
export function checkProbes(request: RunProbesRequest): ProbedContainer {
  const { id, name, pod } = checkContainer(request.container);
  const probes = request.probes.map((probe, index) => checkProbe(probe, `probes[${index}]`));
  const kinds = new Set(probes.map(({ kind }) => kind));
  if (kinds.size < probes.length) throw invalid("probes: at most one of each kind");
  return { id, name, pod, startedAtMs: Number(request.startedAtMs), probes };
}

function checkContainer(container: ContainerRef | undefined): Pick<ProbedContainer, "id" | "name" | "pod"> {
  if (!container?.id) throw invalid("container.id: required");
  const { id, name, pod } = container;
  return { id, name, pod: { namespace: pod?.namespace ?? "", name: pod?.name ?? "", uid: pod?.uid ?? "" } };
}

function checkProbe(probe: Probe, field: string): ProbeSpec {
  const kind = kinds[probe.kind];
  if (!kind) throw invalid(`${field}.kind: ${probe.kind === ProbeKind.UNSPECIFIED ? "required" : "unknown"}`);
  const thresholds = { success: probe.successThreshold || 1, failure: probe.failureThreshold || 3 };
  if (kind !== "Readiness" && thresholds.success !== 1) throw invalid(`${field}.success_threshold: must be 1`);
  return {
    kind,
    action: checkAction(probe.action, `${field}.action`),
    initialDelayMs: probe.initialDelayMs,
    periodMs: Math.max(shortestPeriodMs, probe.periodMs || 10_000),
    timeoutMs: probe.timeoutMs || 1_000,
    thresholds,
    known: verdicts[probe.initial],
  };
}

const kinds: Readonly<Record<number, ProbeKindName>> = {
  [ProbeKind.STARTUP]: "Startup",
  [ProbeKind.READINESS]: "Readiness",
  [ProbeKind.LIVENESS]: "Liveness",
};

const verdicts: Readonly<Record<number, VerdictName>> = {
  [Verdict.SUCCESS]: "Success",
  [Verdict.FAILURE]: "Failure",
};

function invalid(message: string): PodbusError {
  return new PodbusError({ code: "INVALID_ARGUMENT", message });
}
