import type { ConfigMap, Container, EnvVar, Secret } from "@podbus/kube";
import { type DownwardFacts, fieldValue, resourceValue } from "./downward-api.ts";
import { expandVariables } from "./expand-variables.ts";
import { allContainers } from "./restart-policy.ts";

export interface Dependencies {
  /** Variables of Services: a container has them unless it sets them itself. */
  readonly services: ReadonlyMap<string, string>;
  /** A ConfigMap or Secret that the pod names; undefined if there is none. */
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
}

export interface ContainerEnv {
  readonly values: ReadonlyMap<string, string>;
  /** Keys of an envFrom source that are no variable names, with the event's text. */
  readonly warnings: readonly string[];
}

/** Why a container cannot be configured; its waiting reason is CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = "ContainerConfigError";
}

/** envFrom in order, then env in order; later ones win. kubelet: makeEnvironmentVariables (pkg/kubelet/kubelet_pods.go). */
export function containerEnv(container: Container, facts: DownwardFacts, dependencies: Dependencies): ContainerEnv {
  const values = new Map<string, string>();
  const warnings: string[] = [];
  for (const source of container.envFrom ?? []) {
    const from = source.configMapRef
      ? configMapSource(source.configMapRef, dependencies)
      : secretSource(source.secretRef ?? {}, dependencies);
    const named = Object.entries(from.data).map(([key, value]) => [`${source.prefix ?? ""}${key}`, value] as const);
    for (const [key, value] of named) if (isVariableName(key)) values.set(key, value);
    const invalid = named.map(([key]) => key).filter((key) => !isVariableName(key));
    if (invalid.length > 0)
      warnings.push(skippedKeys(invalid, from.kind, `${facts.pod.metadata.namespace}/${from.name}`));
  }
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, { container, facts, dependencies, values });
    if (value !== undefined) values.set(variable.name, value);
  }
  for (const [name, value] of dependencies.services) if (!values.has(name)) values.set(name, value);
  return { values, warnings };
}

function skippedKeys(keys: readonly string[], kind: string, name: string): string {
  const list = keys.toSorted().join(", ");
  return `Keys [${list}] from the EnvFrom ${kind} ${name} were skipped since they are considered invalid environment variable names.`;
}

interface Source {
  readonly kind: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

interface SourceRef {
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
}

function configMapSource({ name = "", optional }: SourceRef, dependencies: Dependencies): Source {
  const found = dependencies.configMap(name);
  if (!found && !optional) throw new ContainerConfigError(`configmap "${name}" not found`);
  return { kind: "configMap", name, data: found?.data ?? {} };
}

function secretSource({ name = "", optional }: SourceRef, dependencies: Dependencies): Source {
  const found = dependencies.secret(name);
  if (!found && !optional) throw new ContainerConfigError(`secret "${name}" not found`);
  return { kind: "secret", name, data: decodeAll(found?.data) };
}

const decodeAll = (data: Readonly<Record<string, string>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));

interface VariableContext {
  readonly container: Container;
  readonly facts: DownwardFacts;
  readonly dependencies: Dependencies;
  /** The variables before this one; only they can be referred to. */
  readonly values: ReadonlyMap<string, string>;
}

function variableValue(variable: EnvVar, context: VariableContext): string | undefined {
  const from = variable.valueFrom;
  if (!from) {
    const { values, dependencies } = context;
    return expandVariables(variable.value ?? "", new Map([...dependencies.services, ...values]));
  }
  if (from.fieldRef) {
    const { fieldPath } = from.fieldRef;
    return fieldValue(context.facts, fieldPath) ?? fail(`unsupported fieldPath: ${fieldPath}`);
  }
  if (from.resourceFieldRef) return resourceFieldValue(from.resourceFieldRef, context);
  if (from.configMapKeyRef) return keyValue("ConfigMap", from.configMapKeyRef, context);
  return from.secretKeyRef ? keyValue("Secret", from.secretKeyRef, context) : "";
}

interface ResourceRef {
  readonly containerName?: string | undefined;
  readonly resource: string;
  readonly divisor?: string | undefined;
}

function resourceFieldValue(ref: ResourceRef, { container, facts }: VariableContext): string {
  const { containerName = "" } = ref;
  const named = containerName === "" ? container : allContainers(facts.pod).find((c) => c.name === containerName);
  if (!named) return fail(`container ${containerName} not found`);
  const value = resourceValue(facts, named, ref);
  return value ?? fail(`unsupported container resource : ${ref.resource}`);
}

function keyValue(
  kind: "ConfigMap" | "Secret",
  ref: SourceRef & { readonly key: string },
  { facts, dependencies }: VariableContext,
): string | undefined {
  const { name = "", key, optional } = ref;
  const object = kind === "ConfigMap" ? dependencies.configMap(name) : dependencies.secret(name);
  if (!object && !optional) return fail(`${kind.toLowerCase()} "${name}" not found`);
  const data = kind === "ConfigMap" ? (object?.data ?? {}) : decodeAll(object?.data);
  if (Object.hasOwn(data, key)) return data[key];
  return optional ? undefined : fail(`couldn't find key ${key} in ${kind} ${facts.pod.metadata.namespace}/${name}`);
}

function fail(message: string): never {
  throw new ContainerConfigError(message);
}

/** Kubernetes 1.29: IsEnvVarName (apimachinery validation), C identifiers with dashes and dots. */
const isVariableName = (name: string): boolean =>
  /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name) && name !== "." && name !== ".." && !name.startsWith("..");

/** Names of the ConfigMaps and Secrets that a container's variables need. */
export function envDependencies(container: Container): { configMaps: Set<string>; secrets: Set<string> } {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const source of container.envFrom ?? []) {
    if (source.configMapRef?.name) configMaps.add(source.configMapRef.name);
    if (source.secretRef?.name) secrets.add(source.secretRef.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef?.name) configMaps.add(valueFrom.configMapKeyRef.name);
    if (valueFrom?.secretKeyRef?.name) secrets.add(valueFrom.secretKeyRef.name);
  }
  return { configMaps, secrets };
}
