import { pause } from "@podbus/clock";
import type { StorableObject, WatchEvent } from "@podbus/store";
import type { GatewayPorts } from "../ports.ts";

/** Something that is kept up to date with all objects of a resource. */
export interface Follower<T extends StorableObject> {
  /** ObjectKey.resource. */
  readonly resource: string;
  /** What there is: at first, and after a gap. */
  reset(objects: readonly T[]): void;
  changed(event: WatchEvent<T>): void;
}

const retryMs = 500;

/** Tells a follower what there is before it returns, and every change from then on, until it is disposed of. */
export function followObjects<T extends StorableObject>(
  { store, clock, log }: Pick<GatewayPorts, "store" | "clock" | "log">,
  follower: Follower<T>,
): AsyncDisposable {
  const { resource } = follower;
  const stopping = new AbortController();
  const { signal } = stopping;
  const list = (): number => {
    const { items, revision } = store.cache.list<T>(resource);
    follower.reset(items.map(({ value }) => value));
    return revision;
  };
  const follow = async (listed: number): Promise<void> => {
    for (let fromRevision = listed; ; fromRevision = list()) {
      try {
        for await (const event of store.cache.watch<T>({ resource, fromRevision, signal })) follower.changed(event);
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error, resource }, "a watch was lost; listing again");
        await pause(clock, retryMs, signal);
        if (signal.aborted) return;
      }
    }
  };
  const following = follow(list());
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await following;
    },
  };
}
