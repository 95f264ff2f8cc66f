import { compareQuantity, parseQuantity } from "../../quantity/quantity.ts";
import { type FieldError, invalid, notSupported, required } from "../../validation/field-error.ts";
import { configKeyProblems, envVarNameProblems, qualifiedNameProblems } from "../../validation/formats.ts";
import type { EnvFromSource, EnvVar, EnvVarSource } from "./container-schema.ts";

// pkg/apis/core/validation/validation.go ValidateEnv, validateObjectFieldSelector

export const envFieldPaths = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
export const volumeFieldPaths = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

const knownFieldPaths = new Set([
  ...envFieldPaths,
  ...volumeFieldPaths,
  "spec.restartPolicy",
  "spec.schedulerName",
  "spec.hostNetwork",
  "status.phase",
  "status.nominatedNodeName",
]);

const resourceFields = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];

const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/s;

function validateSubscript(which: string, key: string, field: string): FieldError[] {
  const name = which === "annotations" ? key.toLowerCase() : key;
  return qualifiedNameProblems(name).map((problem) => invalid(field, key, problem));
}

export function validateFieldRef(
  ref: NonNullable<EnvVarSource["fieldRef"]>,
  allowed: readonly string[],
  field: string,
): FieldError[] {
  if (ref.apiVersion === undefined || ref.apiVersion === "") return [required(`${field}.apiVersion`)];
  if (ref.fieldPath === "") return [required(`${field}.fieldPath`)];
  const match = subscript.exec(ref.fieldPath);
  if (match !== null) return validateSubscript(match[1] ?? "", match[2] ?? "", field);
  if (!knownFieldPaths.has(ref.fieldPath) || ref.apiVersion !== "v1") {
    const problem = `error converting fieldPath: field label not supported: ${ref.fieldPath}`;
    return [invalid(`${field}.fieldPath`, ref.fieldPath, problem)];
  }
  return allowed.includes(ref.fieldPath) ? [] : [notSupported(`${field}.fieldPath`, ref.fieldPath, allowed)];
}

const divisors: Readonly<Record<string, readonly string[]>> = {
  cpu: ["1m", "1"],
  memory: ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
};

function validateDivisor(resource: string, divisor: string | undefined, field: string): FieldError[] {
  if (divisor === undefined || parseQuantity(divisor).nano === 0n) return [];
  const name = resource.slice(resource.indexOf(".") + 1);
  const known = divisors[name === "ephemeral-storage" ? "memory" : name] ?? [];
  if (known.some((one) => compareQuantity(one, divisor) === 0)) return [];
  const problem =
    name === "cpu"
      ? "only divisor's values 1m and 1 are supported with the cpu resource"
      : `only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ${name === "memory" ? "memory" : "local ephemeral storage"} resource`;
  return [invalid(`${field}.divisor`, divisor, problem)];
}

export function validateResourceFieldRef(
  ref: NonNullable<EnvVarSource["resourceFieldRef"]>,
  field: string,
  needsContainer: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (needsContainer && (ref.containerName ?? "") === "") errors.push(required(`${field}.containerName`));
  if (ref.resource === "") errors.push(required(`${field}.resource`));
  else if (!resourceFields.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource)) {
    errors.push(notSupported(`${field}.resource`, ref.resource, resourceFields));
  } else errors.push(...validateDivisor(ref.resource, ref.divisor, field));
  return errors;
}

function validateKeyRef(ref: { name?: string | undefined; key: string }, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if ((ref.name ?? "") === "") errors.push(required(`${field}.name`));
  if (ref.key === "") errors.push(required(`${field}.key`));
  else errors.push(...configKeyProblems(ref.key).map((problem) => invalid(`${field}.key`, ref.key, problem)));
  return errors;
}

function validateValueFrom(variable: EnvVar, field: string): FieldError[] {
  const source = variable.valueFrom;
  if (source === undefined) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  const errors: FieldError[] = [];
  if (fieldRef !== undefined) errors.push(...validateFieldRef(fieldRef, envFieldPaths, `${field}.fieldRef`));
  if (resourceFieldRef !== undefined) {
    errors.push(...validateResourceFieldRef(resourceFieldRef, `${field}.resourceFieldRef`, false));
  }
  if (configMapKeyRef !== undefined) errors.push(...validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`));
  if (secretKeyRef !== undefined) errors.push(...validateKeyRef(secretKeyRef, `${field}.secretKeyRef`));
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter((one) => one !== undefined).length;
  if (count === 0) {
    errors.push(
      invalid(field, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"),
    );
  } else if ((variable.value ?? "") !== "") {
    errors.push(invalid(field, "", "may not be specified when `value` is not empty"));
  } else if (count > 1) errors.push(invalid(field, "", "may not have more than one field specified at a time"));
  return errors;
}

export function validateEnv(env: readonly EnvVar[] | undefined, field: string): FieldError[] {
  return (env ?? []).flatMap((variable, index) => {
    const at = `${field}[${index}]`;
    const name =
      variable.name === ""
        ? [required(`${at}.name`)]
        : envVarNameProblems(variable.name).map((problem) => invalid(`${at}.name`, variable.name, problem));
    return [...name, ...validateValueFrom(variable, `${at}.valueFrom`)];
  });
}

export function validateEnvFrom(sources: readonly EnvFromSource[] | undefined, field: string): FieldError[] {
  return (sources ?? []).flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${field}[${index}]`;
    const errors = envVarNameProblems(prefix ?? "a").map((problem) => invalid(`${at}.prefix`, prefix, problem));
    if (configMapRef !== undefined && (configMapRef.name ?? "") === "")
      errors.push(required(`${at}.configMapRef.name`));
    if (secretRef !== undefined && (secretRef.name ?? "") === "") errors.push(required(`${at}.secretRef.name`));
    if (configMapRef === undefined && secretRef === undefined) {
      errors.push(invalid(field, "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      errors.push(invalid(field, "", "may not have more than one field specified at a time"));
    }
    return errors;
  });
}
