import type { KubeObject, ResourceDefinition } from "@podbus/kube";
import { encodeContinue, isAfter, type ListPlace, type ListPosition } from "./continue-token.ts";

export interface PageOptions {
  readonly resource: Pick<ResourceDefinition, "listOrder" | "fromStored">;
  /** 0: no limit. */
  readonly limit: number;
  /** Where the page begins; the beginning if absent. */
  readonly after?: ListPlace;
  readonly revision: number;
  /** With a selector nobody can say how many there are still to come without having looked at them all. */
  readonly selective: boolean;
}

export interface ListPage {
  readonly objects: readonly KubeObject[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

/** One page of the selected objects, which come in the order of their keys. */
export function decideListPage(selected: readonly KubeObject[], options: PageOptions): ListPage {
  const { limit, after, revision, selective } = options;
  const placed = inOrder(selected, options.resource);
  const begin = after === undefined ? 0 : indexAfter(placed, after);
  const end = limit > 0 ? Math.min(begin + limit, placed.length) : placed.length;
  const objects = placed.slice(begin, end).map(({ object }) => object);
  const last = placed[end - 1];
  const metadata = { resourceVersion: String(revision) };
  if (end === placed.length || !last) return { objects, metadata };
  const position: ListPosition = { revision, after: last.place };
  return {
    objects,
    metadata: {
      ...metadata,
      continue: encodeContinue(position),
      ...(selective ? {} : { remainingItemCount: placed.length - end }),
    },
  };
}

interface Placed {
  readonly object: KubeObject;
  readonly place: ListPlace;
}

function inOrder(stored: readonly KubeObject[], { listOrder, fromStored }: PageOptions["resource"]): Placed[] {
  const placed = stored.map((object) => ({
    object,
    place: { order: listOrder?.(fromStored(object)) ?? 0, key: keyOf(object) },
  }));
  // The sort is stable: equal places stay in the order of their keys.
  return listOrder ? placed.sort((a, b) => a.place.order - b.place.order) : placed;
}

const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ""}/${metadata.name}`;

/** The first that comes after a place; binary, because a long list is asked for page by page. */
function indexAfter(placed: readonly Placed[], after: ListPlace): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = placed[middle];
    if (candidate && !isAfter(candidate.place, after)) low = middle + 1;
    else high = middle;
  }
  return low;
}
