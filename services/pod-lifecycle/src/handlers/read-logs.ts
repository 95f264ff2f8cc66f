import type { CallContext, Implementation } from "@podbus/bus";
import type { PodLifecycle, ReadLogsRequest } from "@podbus/contracts";
import { readLogFile } from "../adapters/log-file.ts";
import { LogOutput } from "../domain/log-output.ts";
import { logTarget } from "../domain/log-target.ts";
import { podPaths } from "../domain/pod-paths.ts";
import { type HandlerDeps, requirePod } from "./running-pod.ts";

type ReadLogs = Implementation<typeof PodLifecycle>["readLogs"];

export function readLogs(deps: HandlerDeps): ReadLogs {
  return (request, context) => read(deps, request, context);
}

async function* read(deps: HandlerDeps, request: ReadLogsRequest, { signal }: CallContext) {
  const { services, workers } = deps;
  const worker = requirePod(deps, request.pod);
  const { pod, ref } = worker;
  const observed = () => services.runtime.observed(ref.uid);
  const run = logTarget(pod, observed(), request, worker.waitingReason(request.containerName));
  const output = new LogOutput({
    timestamps: request.timestamps,
    sinceNs: request.sinceNs,
    limitBytes: request.limitBytes === undefined ? undefined : Number(request.limitBytes),
  });
  const path = `${podPaths.logs(services.node.directories, pod)}/${podPaths.log(run.name, run.attempt)}`;
  const batches = readLogFile({
    path,
    tailLines: request.tailLines === undefined ? undefined : Number(request.tailLines),
    follow: request.follow,
    signal,
    hasEnded: () => observed().containers.find((c) => c.id === run.id)?.state !== "running",
    onChange: (listener) => workers.listen(ref.uid, listener),
  });
  for await (const lines of batches) {
    const data = Buffer.concat(lines.map((line) => output.take(line)));
    if (data.length > 0) yield { data };
    if (output.isFull) return;
  }
}
