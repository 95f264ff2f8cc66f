import type { Pod } from "@podbus/kube";
import { z } from "zod";

/** The ids of a pod that has users of its own (`hostUsers: false`): 0 to 65535 inside are `hostId` and on outside. */
export interface IdRange {
  readonly hostId: number;
}

/** Enough for every id that images use. kubelet: userNsLength (pkg/kubelet/userns). */
export const idsPerPod = 65_536;
/** Ids are 32 bits, and the first range is the machine's own. */
const ranges = 65_535;

export const hasOwnUsers = (pod: Pod): boolean => pod.spec.hostUsers === false;

/** The lowest range that nobody has; undefined if there is none. */
export function freeRange(taken: Iterable<IdRange>): IdRange | undefined {
  const used = new Set(Array.from(taken, ({ hostId }) => hostId));
  for (let index = 1; index < ranges; index += 1) {
    if (!used.has(index * idsPerPod)) return { hostId: index * idsPerPod };
  }
  return undefined;
}

/** What an id inside is outside. */
export const hostIdOf = (range: IdRange | undefined, id: number): number => (range?.hostId ?? 0) + id;

const mapping = z.tuple([
  z.object({
    hostId: z
      .int()
      .min(idsPerPod)
      .max(idsPerPod * (ranges - 1))
      .multipleOf(idsPerPod),
    containerId: z.literal(0),
    length: z.literal(idsPerPod),
  }),
]);
const mappings = z
  .object({ uidMappings: mapping, gidMappings: mapping })
  .refine(({ uidMappings: [uids], gidMappings: [gids] }) => uids.hostId === gids.hostId, "users and groups differ");

/** The kubelet's file `userns` of a pod (pkg/kubelet/userns/userns_manager.go). */
export function formatRange({ hostId }: IdRange): string {
  const ids = [{ hostId, containerId: 0, length: idsPerPod }];
  return JSON.stringify({ uidMappings: ids, gidMappings: ids });
}

/** Throws what is wrong with the text. */
export function parseRange(text: string): IdRange {
  const [{ hostId }] = mappings.parse(JSON.parse(text)).uidMappings;
  return { hostId };
}
