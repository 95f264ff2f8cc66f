import type { Pod } from "@podbus/kube";

/** A static pod as this node keeps it, over restarts too. */
export interface StaticPodRecord {
  /** Of its manifest. */
  readonly path: string;
  /** With its newest status; with a deletionTimestamp once its manifest is gone or different. */
  readonly pod: Pod;
}

export interface StaticPodsPlan {
  readonly start: readonly StaticPodRecord[];
  /** Uids. */
  readonly end: readonly string[];
  /** Why a manifest is not run, by its path. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface Manifests {
  readonly pods: readonly StaticPodRecord[];
  /** Paths of manifests that cannot be read now: what they said before still holds. */
  readonly unreadable: ReadonlySet<string>;
}

export const nameOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;

/**
 * What follows from the manifests. A pod begins when no other one of its name is left here; of two manifests with one
 * name the one that is here, else the first, holds.
 */
export function planStaticPods(known: Iterable<StaticPodRecord>, { pods, unreadable }: Manifests): StaticPodsPlan {
  const records = [...known];
  const wanted = new Set(pods.map(({ pod }) => pod.metadata.uid));
  const isWanted = ({ pod, path }: StaticPodRecord) => wanted.has(pod.metadata.uid) || unreadable.has(path);
  const taken = new Map(records.map((record) => [nameOf(record.pod), record]));
  const start: StaticPodRecord[] = [];
  const refused = new Map<string, string>();
  for (const record of pods.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const holder = taken.get(nameOf(record.pod));
    if (!holder) {
      taken.set(nameOf(record.pod), record);
      start.push(record);
    } else if (holder.pod.metadata.uid !== record.pod.metadata.uid && isWanted(holder)) {
      refused.set(record.path, `pod ${nameOf(record.pod)} is defined by ${holder.path} already`);
    }
  }
  const ending = records.filter((record) => !isWanted(record) && record.pod.metadata.deletionTimestamp === undefined);
  return { start, end: ending.map(({ pod }) => pod.metadata.uid ?? ""), refused };
}
