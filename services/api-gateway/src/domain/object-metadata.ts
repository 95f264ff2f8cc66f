import { annotations, type KubeObject, type Namespace, type ObjectMeta } from "@podbus/kube";

export interface Birth {
  readonly namespace: string;
  readonly uid: string;
  /** metav1.Time. */
  readonly creationTimestamp: string;
  /** Appended to generateName where there is no name. */
  readonly nameSuffix: string;
  /** For pods: the trace that the pod's start belongs to. */
  readonly traceparent?: string | undefined;
}

/** Kubernetes' names are at most 63 long with the suffix (apiserver/pkg/storage/names/generate.go). */
const longestGeneratedBase = 58;

/** Metadata of an object that is about to exist: what the system decides is the system's (rest/create.go BeforeCreate). */
export function bear<T extends KubeObject>(object: T, birth: Birth): T {
  const { resourceVersion, deletionTimestamp, deletionGracePeriodSeconds, selfLink, managedFields, ...own } =
    object.metadata;
  const generated =
    !own.name && own.generateName ? own.generateName.slice(0, longestGeneratedBase) + birth.nameSuffix : "";
  const metadata: ObjectMeta = {
    ...own,
    name: own.name || generated,
    ...(birth.namespace === "" ? {} : { namespace: birth.namespace }),
    uid: birth.uid,
    creationTimestamp: birth.creationTimestamp,
    ...withTraceparent(own.annotations, birth.traceparent),
  };
  return { ...object, metadata };
}

function withTraceparent(given: ObjectMeta["annotations"], traceparent: string | undefined) {
  return traceparent === undefined ? {} : { annotations: { ...given, [annotations.traceparent]: traceparent } };
}

/** The alphabet of generated names: no vowels, nothing that looks alike (apimachinery/pkg/util/rand/rand.go). */
const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

export function nameSuffix(random: Uint8Array): string {
  return [...random].map((byte) => suffixAlphabet[byte % suffixAlphabet.length]).join("");
}

/** Metadata after an update: a user changes labels, annotations, owners and finalizers; the rest is kept. */
export function keepSystemMetadata<T extends KubeObject>(next: T, previous: T): T {
  const { managedFields, selfLink, ...own } = next.metadata;
  const before = previous.metadata;
  const metadata: ObjectMeta = {
    ...own,
    ...pick(before, [
      "name",
      "namespace",
      "uid",
      "creationTimestamp",
      "resourceVersion",
      "deletionTimestamp",
      "deletionGracePeriodSeconds",
    ]),
  };
  for (const key of ["deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    if (before[key] === undefined) delete metadata[key];
  }
  return { ...next, metadata: withSystemAnnotations(metadata, before) };
}

const systemAnnotations = [annotations.traceparent, annotations.deletionTraceparent];

/** A pod keeps its traces whatever a user writes. */
function withSystemAnnotations(metadata: ObjectMeta, before: ObjectMeta): ObjectMeta {
  const kept = systemAnnotations.flatMap((name) => {
    const value = before.annotations?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  if (kept.length === 0) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, ...Object.fromEntries(kept) } };
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Partial<
    Pick<T, K>
  >;
}

/** What keeps an object that is to be deleted; a namespace has finalizers in its spec too. */
export function finalizersOf(object: KubeObject): readonly string[] {
  const own = object.metadata.finalizers ?? [];
  return object.kind === "Namespace" ? [...own, ...((object as Namespace).spec?.finalizers ?? [])] : own;
}

/** Whether this update was the last thing that a deletion waited for (registry/generic/registry/store.go ShouldDeleteDuringUpdate). */
export function completesDeletion(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  return deletionTimestamp !== undefined && finalizersOf(object).length === 0 && deletionGracePeriodSeconds === 0;
}
