import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from "../../validation/field-error.ts";
import { dnsLabelProblems, localPathProblems, portNameProblems, portNumberProblems } from "../../validation/formats.ts";
import type { Container, ContainerPort, VolumeMount } from "./container-schema.ts";
import { isSidecar } from "./resources.ts";
import type { PodSpec } from "./schema.ts";
import { validateEnv, validateEnvFrom } from "./validate-env.ts";
import { validateLifecycle, validateProbes } from "./validate-probes.ts";
import { validateResources } from "./validate-resources.ts";
import { validateSecurityContext } from "./validate-security.ts";

// pkg/apis/core/validation/validation.go validateContainerCommon, validateContainers, validateInitContainers

const protocols = ["SCTP", "TCP", "UDP"];
const pullPolicies = ["Always", "IfNotPresent", "Never"];
const messagePolicies = ["FallbackToLogsOnError", "File"];
const propagations = ["Bidirectional", "HostToContainer", "None"];

function validatePort(port: ContainerPort, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (port.containerPort === 0) errors.push(required(`${field}.containerPort`));
  else
    errors.push(
      ...portNumberProblems(port.containerPort).map((one) =>
        invalid(`${field}.containerPort`, port.containerPort, one),
      ),
    );
  if (port.hostPort !== undefined && port.hostPort !== 0) {
    errors.push(...portNumberProblems(port.hostPort).map((one) => invalid(`${field}.hostPort`, port.hostPort, one)));
  }
  if (port.protocol === undefined) errors.push(required(`${field}.protocol`));
  else if (!protocols.includes(port.protocol)) errors.push(notSupported(`${field}.protocol`, port.protocol, protocols));
  return errors;
}

function validatePorts(ports: readonly ContainerPort[] | undefined, field: string): FieldError[] {
  const names = new Set<string>();
  return (ports ?? []).flatMap((port, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (port.name !== undefined) {
      const problems = portNameProblems(port.name);
      if (problems.length > 0) errors.push(...problems.map((problem) => invalid(`${at}.name`, port.name, problem)));
      else if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    return [...errors, ...validatePort(port, at)];
  });
}

function validateSubPath(mount: VolumeMount, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["subPath", "subPathExpr"] as const) {
    const path = mount[name];
    if (path !== undefined)
      errors.push(...localPathProblems(path).map((problem) => invalid(`${field}.${name}`, path, problem)));
  }
  if (mount.subPath !== undefined && mount.subPathExpr !== undefined) {
    errors.push(invalid(`${field}.subPathExpr`, mount.subPathExpr, "subPathExpr and subPath are mutually exclusive"));
  }
  return errors;
}

function validatePropagation(mount: VolumeMount, container: Container, field: string): FieldError[] {
  const mode = mount.mountPropagation;
  if (mode === undefined) return [];
  if (!propagations.includes(mode)) return [notSupported(field, mode, propagations)];
  if (mode === "Bidirectional" && container.securityContext?.privileged !== true) {
    return [forbidden(field, "Bidirectional mount propagation is available only to privileged containers")];
  }
  return [];
}

const recursions = ["Disabled", "Enabled", "IfPossible"];

/** pkg/apis/core/validation/validation.go validateMountRecursiveReadOnly. */
function validateRecursion(
  { recursiveReadOnly: mode, readOnly, mountPropagation = "None" }: VolumeMount,
  field: string,
): FieldError[] {
  if (mode === undefined || mode === "Disabled") return [];
  if (!recursions.includes(mode)) return [notSupported(field, mode, recursions)];
  return [
    ...(readOnly === true ? [] : [forbidden(field, "may only be specified when readOnly is true")]),
    ...(mountPropagation === "None"
      ? []
      : [forbidden(field, "may only be specified when mountPropagation is None or not specified")]),
  ];
}

function validateMounts(container: Container, volumes: ReadonlySet<string>, field: string): FieldError[] {
  const paths = new Set<string>();
  const devices = new Set((container.volumeDevices ?? []).map(({ devicePath }) => devicePath));
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (mount.name === "") errors.push(required(`${at}.name`));
    else if (!volumes.has(mount.name)) errors.push(notFound(`${at}.name`, mount.name));
    if (mount.mountPath === "") errors.push(required(`${at}.mountPath`));
    else if (paths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, "must be unique"));
    if (devices.has(mount.mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mount.mountPath, "must not already exist as a path in volumeDevices"));
    }
    paths.add(mount.mountPath);
    return [
      ...errors,
      ...validateSubPath(mount, at),
      ...validatePropagation(mount, container, `${at}.mountPropagation`),
      ...validateRecursion(mount, `${at}.recursiveReadOnly`),
    ];
  });
}

export function validateImage(image: string | undefined, field: string): FieldError[] {
  if (image === undefined || image === "") return [required(field)];
  return image === image.trim() ? [] : [invalid(field, image, "must not have leading or trailing whitespace")];
}

function validateChoice(value: string | undefined, choices: readonly string[], field: string): FieldError[] {
  if (value === undefined || value === "") return [required(field)];
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function validateResizePolicy(container: Container, field: string): FieldError[] {
  const seen = new Set<string>();
  return (container.resizePolicy ?? []).flatMap(({ resourceName, restartPolicy }, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (seen.has(resourceName)) errors.push(duplicate(at, resourceName));
    seen.add(resourceName);
    if (resourceName !== "cpu" && resourceName !== "memory") {
      errors.push(notSupported(`${at}.resourceName`, resourceName, ["cpu", "memory"]));
    }
    const policies = ["NotRequired", "RestartContainer"];
    return [...errors, ...validateChoice(restartPolicy, policies, `${at}.restartPolicy`)];
  });
}

export function validateCommon(container: Container, volumes: ReadonlySet<string>, field: string): FieldError[] {
  const name =
    container.name === ""
      ? [required(`${field}.name`)]
      : dnsLabelProblems(container.name).map((problem) => invalid(`${field}.name`, container.name, problem));
  return [
    ...name,
    ...validateImage(container.image, `${field}.image`),
    ...validateChoice(container.terminationMessagePolicy, messagePolicies, `${field}.terminationMessagePolicy`),
    ...validatePorts(container.ports, `${field}.ports`),
    ...validateEnv(container.env, `${field}.env`),
    ...validateEnvFrom(container.envFrom, `${field}.envFrom`),
    ...validateMounts(container, volumes, `${field}.volumeMounts`),
    ...validateChoice(container.imagePullPolicy, pullPolicies, `${field}.imagePullPolicy`),
    ...validateResources(container.resources, `${field}.resources`),
    ...validateResizePolicy(container, `${field}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, `${field}.securityContext`),
  ];
}

function hostPortsOf(containers: readonly Container[], field: string, seen: Set<string>): FieldError[] {
  return containers.flatMap((container, at) =>
    (container.ports ?? []).flatMap((port, index) => {
      if (port.hostPort === undefined || port.hostPort === 0) return [];
      const key = `${port.protocol ?? "TCP"}/${port.hostIP ?? ""}/${port.hostPort}`;
      const again = seen.has(key);
      seen.add(key);
      return again ? [duplicate(`${field}[${at}].ports[${index}].hostPort`, key)] : [];
    }),
  );
}

function validateApps(spec: PodSpec, volumes: ReadonlySet<string>, field: string): FieldError[] {
  if (spec.containers.length === 0) return [required(field)];
  const names = new Set<string>();
  const grace = spec.terminationGracePeriodSeconds;
  const errors = spec.containers.flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const own = validateCommon(container, volumes, at);
    if (names.has(container.name)) own.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    own.push(...validateLifecycle(container.lifecycle, grace, `${at}.lifecycle`), ...validateProbes(container, at));
    if (container.restartPolicy !== undefined) {
      own.push(forbidden(`${at}.restartPolicy`, "may not be set for non-init containers"));
    }
    return own;
  });
  return [...errors, ...hostPortsOf(spec.containers, field, new Set())];
}

/** An init container that ends cannot be probed or hooked; one that stays (a sidecar) can. */
function validateInitOnly(container: Container, grace: number | undefined, field: string): FieldError[] {
  const { restartPolicy } = container;
  if (isSidecar(container)) {
    return [
      ...validateLifecycle(container.lifecycle, grace, `${field}.lifecycle`),
      ...validateProbes(container, field),
    ];
  }
  const unsuitable = (["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const).filter(
    (name) => container[name] !== undefined,
  );
  return [
    ...(restartPolicy === undefined ? [] : [notSupported(`${field}.restartPolicy`, restartPolicy, ["Always"])]),
    ...unsuitable.map((name) =>
      forbidden(`${field}.${name}`, "may not be set for init containers without restartPolicy=Always"),
    ),
  ];
}

function validateInits(spec: PodSpec, volumes: ReadonlySet<string>, field: string): FieldError[] {
  const names = new Set(spec.containers.map(({ name }) => name));
  return (spec.initContainers ?? []).flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const errors = validateCommon(container, volumes, at);
    if (container.name !== "" && names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    return [
      ...errors,
      ...validateInitOnly(container, spec.terminationGracePeriodSeconds, at),
      ...hostPortsOf([container], `${field}`, new Set()),
    ];
  });
}

/** On the host's network a container's port is the host's. */
function validateHostNetworkPorts(containers: readonly Container[], field: string): FieldError[] {
  return containers.flatMap((container, at) =>
    (container.ports ?? []).flatMap((port, index) =>
      port.hostPort === port.containerPort
        ? []
        : [
            invalid(
              `${field}[${at}].ports[${index}].containerPort`,
              port.containerPort,
              "must match `hostPort` when `hostNetwork` is true",
            ),
          ],
    ),
  );
}

export function validateContainers(spec: PodSpec, field: string): FieldError[] {
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const inits = spec.initContainers ?? [];
  return [
    ...validateApps(spec, volumes, `${field}.containers`),
    ...validateInits(spec, volumes, `${field}.initContainers`),
    ...(spec.hostNetwork === true
      ? [
          ...validateHostNetworkPorts(spec.containers, `${field}.containers`),
          ...validateHostNetworkPorts(inits, `${field}.initContainers`),
        ]
      : []),
  ];
}
