import type { PodRef } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { PodWorkers } from "../node/pod-workers.ts";
import type { NodeServices } from "../ports.ts";
import type { PodWorker } from "../worker/pod-worker.ts";

export interface HandlerDeps {
  readonly services: NodeServices;
  readonly workers: PodWorkers;
}

/** The pod of that incarnation, if it is here. */
export function requirePod({ workers }: HandlerDeps, ref: PodRef | undefined): PodWorker {
  const worker = workers.known(ref?.uid ?? "");
  if (worker) return worker;
  throw new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message: `pod "${ref?.name ?? ""}" not found` });
}
