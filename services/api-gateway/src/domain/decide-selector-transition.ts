/** Whether an object is in a watch's selection before and after a change. */
export interface SelectorTransition {
  readonly matchedBefore: boolean;
  readonly matchesNow: boolean;
}

export type WatchedChange = "ADDED" | "MODIFIED" | "DELETED" | "none";

/**
 * What a watch with selectors shows of a change: an object that leaves the selection is DELETED, one that
 * enters it is ADDED (apiserver/pkg/storage/cacher/cache_watcher.go, convertToWatchEvent).
 */
export function decideSelectorTransition({ matchedBefore, matchesNow }: SelectorTransition): WatchedChange {
  if (matchesNow) return matchedBefore ? "MODIFIED" : "ADDED";
  return matchedBefore ? "DELETED" : "none";
}
