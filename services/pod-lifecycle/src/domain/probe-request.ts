import type { MessageInitShape } from "@bufbuild/protobuf";
import { ProbeKind, type ProbeSchema, Verdict } from "@podbus/contracts";
import { goQuote } from "@podbus/errors";
import { type Container, type Pod, type Probe, probePeriodMs } from "@podbus/kube";
import { handlerAction, unknownPort } from "./handler-action.ts";
import type { Verdicts } from "./pod-inputs.ts";

type ProbeInit = MessageInitShape<typeof ProbeSchema>;

const kinds = [
  [ProbeKind.STARTUP, "startupProbe", "startup"],
  [ProbeKind.READINESS, "readinessProbe", "readiness"],
  [ProbeKind.LIVENESS, "livenessProbe", "liveness"],
] as const;

/**
 * What the probe-runner is asked to do for a container, beginning with what is known already. A probe that cannot be made
 * (`impossibleProbes`) is left out; as long as that is the startup probe, the others wait for it.
 */
export function probeRequests(pod: Pod, container: Container, podIp: string, known: Verdicts): ProbeInit[] {
  if (container.startupProbe && unknownPort(container.startupProbe, container)) return [];
  return kinds.flatMap(([kind, field, name]): ProbeInit[] => {
    const probe = container[field];
    if (!probe || unknownPort(probe, container)) return [];
    const action = handlerAction(probe, container, podIp);
    if (!action) return [];
    const periodMs = probePeriodMs(pod, container.name, field, probe);
    return [{ kind, action, periodMs, ...timing(probe), initial: verdictOf(known[name]) }];
  });
}

/** The event texts of probes at ports that the container does not have. Kubernetes: pkg/probe/util.go, ResolveContainerPort. */
export function impossibleProbes(container: Container): string[] {
  const names = [
    ["Startup", container.startupProbe],
    ["Readiness", container.readinessProbe],
    ["Liveness", container.livenessProbe],
  ] as const;
  return names.flatMap(([name, probe]) => {
    const port = probe && unknownPort(probe, container);
    return port ? [`${name} probe errored: port ${goQuote(port)} not found`] : [];
  });
}

/** Kubernetes' defaults stand in the stored object; the second values only guard against a foreign one. */
function timing(probe: Probe) {
  return {
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    timeoutMs: (probe.timeoutSeconds ?? 1) * 1000,
    successThreshold: probe.successThreshold ?? 1,
    failureThreshold: probe.failureThreshold ?? 3,
  };
}

function verdictOf(known: boolean | undefined): Verdict {
  if (known === undefined) return Verdict.UNSPECIFIED;
  return known ? Verdict.SUCCESS : Verdict.FAILURE;
}

export function verdictName(kind: ProbeKind): keyof Verdicts | undefined {
  return kinds.find(([each]) => each === kind)?.[2];
}
