import { type FieldError, forbidden, invalid, notSupported, required } from "../../validation/field-error.ts";
import { httpHeaderNameProblems, portNameProblems, portNumberProblems } from "../../validation/formats.ts";
import type { Container, HttpGetAction, Probe } from "./container-schema.ts";

// pkg/apis/core/validation/validation.go validateProbe, validateHandler

export function validatePort(port: number | string, field: string): FieldError[] {
  const problems = typeof port === "number" ? portNumberProblems(port) : portNameProblems(port);
  return problems.map((problem) => invalid(field, port, problem));
}

function validateHttpGet(action: HttpGetAction, field: string): FieldError[] {
  const schemes = ["HTTP", "HTTPS"];
  const scheme = action.scheme ?? "";
  return [
    ...((action.path ?? "") === "" ? [required(`${field}.path`)] : []),
    ...validatePort(action.port, `${field}.port`),
    ...(schemes.includes(scheme) ? [] : [notSupported(`${field}.scheme`, scheme, schemes)]),
    ...(action.httpHeaders ?? []).flatMap(({ name }) =>
      httpHeaderNameProblems(name).map((problem) => invalid(`${field}.httpHeaders`, name, problem)),
    ),
  ];
}

type Handler = Pick<Probe, "exec" | "httpGet" | "tcpSocket" | "grpc">;

function validateHandler(handler: Handler, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let handlers = 0;
  const another = (name: string): boolean => {
    handlers += 1;
    if (handlers > 1) errors.push(forbidden(`${field}.${name}`, "may not specify more than 1 handler type"));
    return handlers === 1;
  };
  if (handler.exec !== undefined && another("exec") && (handler.exec.command ?? []).length === 0) {
    errors.push(required(`${field}.exec.command`));
  }
  if (handler.httpGet !== undefined && another("httpGet"))
    errors.push(...validateHttpGet(handler.httpGet, `${field}.httpGet`));
  if (handler.tcpSocket !== undefined && another("tcpSocket")) {
    errors.push(...validatePort(handler.tcpSocket.port, `${field}.tcpSocket.port`));
  }
  if (handler.grpc !== undefined && another("grpc"))
    errors.push(...validatePort(handler.grpc.port, `${field}.grpc.port`));
  if (handlers === 0) errors.push(required(field, "must specify a handler type"));
  return errors;
}

const notNegative = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function validateProbe(probe: Probe, field: string): FieldError[] {
  const errors = validateHandler(probe, field);
  for (const name of notNegative) {
    const value = probe[name] ?? 0;
    if (value < 0) errors.push(invalid(`${field}.${name}`, value, "must be greater than or equal to 0"));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalid(`${field}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  }
  return errors;
}

/** Liveness and startup probes act on the first success. */
function validateOneSuccess(probe: Probe, field: string): FieldError[] {
  const errors = validateProbe(probe, field);
  if (probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(invalid(`${field}.successThreshold`, probe.successThreshold, "must be 1"));
  }
  return errors;
}

function validateReadiness(probe: Probe, field: string): FieldError[] {
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...validateProbe(probe, field),
    ...(grace === undefined
      ? []
      : [invalid(`${field}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes")]),
  ];
}

export function validateProbes(container: Container, field: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...(livenessProbe === undefined ? [] : validateOneSuccess(livenessProbe, `${field}.livenessProbe`)),
    ...(readinessProbe === undefined ? [] : validateReadiness(readinessProbe, `${field}.readinessProbe`)),
    ...(startupProbe === undefined ? [] : validateOneSuccess(startupProbe, `${field}.startupProbe`)),
  ];
}

/** `graceSeconds`: the pod's, within which a hook has to end. */
export function validateLifecycle(
  lifecycle: Container["lifecycle"],
  graceSeconds: number | undefined,
  field: string,
): FieldError[] {
  return (["postStart", "preStop"] as const).flatMap((name) => {
    const handler = lifecycle?.[name];
    if (handler === undefined) return [];
    const { sleep, ...others } = handler;
    const at = `${field}.${name}`;
    if (sleep === undefined) return validateHandler(others, at);
    const another = Object.values(others).some((one) => one !== undefined);
    if (another)
      return [...validateHandler(others, at), forbidden(`${at}.sleep`, "may not specify more than 1 handler type")];
    return validateSleep(sleep.seconds, graceSeconds, `${at}.sleep`);
  });
}

/** Kubernetes 1.32, where a sleep of nothing is behind a gate that is off. */
function validateSleep(seconds: number, graceSeconds: number | undefined, field: string): FieldError[] {
  if (graceSeconds === undefined || (seconds > 0 && seconds <= graceSeconds)) return [];
  const range = `must be greater than 0 and less than terminationGracePeriodSeconds (${graceSeconds})`;
  const problem = `${range}. Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.`;
  return [invalid(field, seconds, problem)];
}
