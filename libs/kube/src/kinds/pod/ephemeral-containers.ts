import { equalJson } from "../../json.ts";
import type { SubresourceUpdate } from "../../resource-definition.ts";
import { duplicate, type FieldError, forbidden, notFound } from "../../validation/field-error.ts";
import { validateObjectMetaUpdate } from "../../validation/object-meta.ts";
import type { EphemeralContainer } from "./container-schema.ts";
import { defaultPod } from "./defaults.ts";
import { isMirrorPod } from "./mirror-pod.ts";
import type { Pod, PodSpec } from "./schema.ts";
import { validateCommon } from "./validate-container.ts";

// pkg/apis/core/validation/validation.go validateEphemeralContainers, ValidatePodEphemeralContainersUpdate

const path = "spec.ephemeralContainers";
const notHere = "cannot be set for an Ephemeral Container";
/** It comes after the pod's resources were given out, and nobody waits for it. */
const withheld = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;

/** Changes nothing but the list of ephemeral containers. */
export const ephemeralContainersUpdate: SubresourceUpdate = {
  reviewed: true,
  prepare: (next, previous) => {
    const { ephemeralContainers } = defaultPod(next as Pod).spec;
    const before = previous as Pod;
    const { ephemeralContainers: _, ...spec } = before.spec;
    const { managedFields } = next.metadata;
    const metadata = managedFields === undefined ? before.metadata : { ...before.metadata, managedFields };
    return { ...before, metadata, spec: { ...spec, ...(ephemeralContainers ? { ephemeralContainers } : {}) } } as Pod;
  },
  validate: (next, previous) => [
    ...validateObjectMetaUpdate(next, previous),
    ...(isMirrorPod(previous) ? [forbidden("", "static pods do not support ephemeral containers")] : []),
    ...validateEphemeralContainers((next as Pod).spec),
    ...validateKept((next as Pod).spec, (previous as Pod).spec),
  ],
};

function validateEphemeralContainers(spec: PodSpec): FieldError[] {
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const others = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
  const names = new Set(others);
  return (spec.ephemeralContainers ?? []).flatMap((container, index) => {
    const field = `${path}[${index}]`;
    const { name, targetContainerName: target } = container;
    const errors = validateCommon(container, volumes, field);
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    if (target && !others.includes(target)) errors.push(notFound(`${field}.targetContainerName`, target));
    return [...errors, ...validateWithheld(container, field)];
  });
}

function validateWithheld(container: EphemeralContainer, field: string): FieldError[] {
  const set = withheld.filter((name) => isSet(name, container[name]));
  const subPaths = (container.volumeMounts ?? []).flatMap((mount, index) =>
    (["subPath", "subPathExpr"] as const)
      .filter((name) => mount[name])
      .map((name) => forbidden(`${field}.volumeMounts[${index}].${name}`, notHere)),
  );
  return [...set.map((name) => forbidden(`${field}.${name}`, notHere)), ...subPaths];
}

/** Lists and resources may be there and say nothing; a probe or a hook may not. */
function isSet(name: keyof EphemeralContainer, value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (name === "resources") return Object.keys(value ?? {}).length > 0;
  return value !== undefined;
}

/** What was added stays as it was. */
function validateKept(next: PodSpec, previous: PodSpec): FieldError[] {
  return (previous.ephemeralContainers ?? []).flatMap((before) => {
    const after = (next.ephemeralContainers ?? []).find(({ name }) => name === before.name);
    if (!after) return [forbidden(path, `existing ephemeral containers "${before.name}" may not be removed\n`)];
    if (equalJson(after, before)) return [];
    return [forbidden(path, `existing ephemeral containers "${before.name}" may not be changed\n`)];
  });
}
