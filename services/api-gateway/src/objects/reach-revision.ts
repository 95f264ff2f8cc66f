import { StatusError, statusTimeout } from "@podbus/kube";
import type { RevisionWanted } from "../domain/list-options.ts";
import type { GatewayPorts } from "../ports.ts";
import { refresh } from "./read-fresh.ts";

/** How long a client's revision may be ahead of this replica (apiserver/pkg/storage/cacher blockTimeout). */
const catchUpMs = 3000;

type Reachable = Exclude<RevisionWanted, { kind: "invalid" }>;

/** Waits until the cache shows the state that was asked for; throws 504 where it is not in time. */
export async function reachRevision(
  { store, clock }: Pick<GatewayPorts, "store" | "clock">,
  wanted: Reachable,
  signal: AbortSignal,
): Promise<void> {
  switch (wanted.kind) {
    case "any":
      return;
    case "latest":
      return refresh(store, signal);
    case "not-older-than":
    case "exact":
      return catchUp({ store, clock }, wanted.revision, signal);
  }
}

async function catchUp(
  { store, clock }: Pick<GatewayPorts, "store" | "clock">,
  revision: number,
  signal: AbortSignal,
): Promise<void> {
  if (store.cache.revision >= revision) return;
  const timeout = new AbortController();
  const stop = clock.after(catchUpMs, () => timeout.abort());
  try {
    await store.cache.waitForRevision(revision, AbortSignal.any([signal, timeout.signal]));
  } catch (error) {
    if (!timeout.signal.aborted) throw error;
    throw tooLargeRevision(revision, store.cache.revision);
  } finally {
    stop();
  }
}

function tooLargeRevision(revision: number, current: number): StatusError {
  const { status } = statusTimeout(`Too large resource version: ${revision}, current: ${current}`, 1);
  const cause = { reason: "ResourceVersionTooLarge", message: "Too large resource version" };
  return new StatusError({ ...status, details: { ...status.details, causes: [cause] } });
}
