import type { MessageInitShape } from "@bufbuild/protobuf";
import { ProbeKind, type ProbeSchema, Verdict } from "@podbus/contracts";
import { type Container, type Pod, type Probe, probePeriodMs } from "@podbus/kube";
import { handlerAction } from "./handler-action.ts";
import type { Verdicts } from "./pod-inputs.ts";

type ProbeInit = MessageInitShape<typeof ProbeSchema>;

const kinds = [
  [ProbeKind.STARTUP, "startupProbe", "startup"],
  [ProbeKind.READINESS, "readinessProbe", "readiness"],
  [ProbeKind.LIVENESS, "livenessProbe", "liveness"],
] as const;

/** What the probe-runner is asked to do for a container, beginning with what is known already. */
export function probeRequests(pod: Pod, container: Container, podIp: string, known: Verdicts): ProbeInit[] {
  return kinds.flatMap(([kind, field, name]): ProbeInit[] => {
    const probe = container[field];
    if (!probe) return [];
    const action = handlerAction(probe, container, podIp);
    if (!action) return [];
    const periodMs = probePeriodMs(pod, container.name, field, probe);
    return [{ kind, action, periodMs, ...timing(probe), initial: verdictOf(known[name]) }];
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
