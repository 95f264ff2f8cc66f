import { randomUUID } from "node:crypto";
import { formatTime, priorityClasses, systemPriorityClasses } from "@podbus/kube";
import { ensure, type Founding } from "./namespace-content.ts";

/** The cluster-wide objects that every cluster has: pkg/registry/scheduling/rest/storage_scheduling.go. */
export async function ensureSystemObjects({ store, now }: Founding): Promise<void> {
  for (const priorityClass of systemPriorityClasses) {
    const metadata = { ...priorityClass.metadata, uid: randomUUID(), creationTimestamp: formatTime(now) };
    await ensure(store, priorityClasses.storageResource, { ...priorityClass, metadata });
  }
}
