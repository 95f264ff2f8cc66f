import { join } from "node:path";
import { connectNats, createNatsBus } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import { type Environment, inboxPrefix, type ServiceDefinition, startService } from "@podbus/service";
import { type Encryption, type ObjectStore, openStore } from "@podbus/store";
import { createTelemetry, type Logger } from "@podbus/telemetry";
import { apiGateway } from "api-gateway";
import { eviction } from "eviction";
import { hookRunner } from "hook-runner";
import { imagePuller } from "image-puller";
import type { DestinationStream } from "pino";
import { podLifecycle } from "pod-lifecycle";
import { probeRunner } from "probe-runner";
import { schedulerAdmission } from "scheduler-admission";
import { collectorSpanProcessor, TraceStore, traceExplorerWith } from "trace-explorer";
import { readSeed } from "./credentials.ts";

export interface ServiceHost {
  readonly clock: Clock;
  readonly log: Logger;
  readonly logLevel: string;
  readonly logDestination: DestinationStream;
  readonly nodeName: string;
  readonly natsUrl: string;
  /** Where the seeds of the bus identities are. */
  readonly busDir: string;
  readonly stateDir: string;
  readonly encryption: Encryption;
  /** What each service would find in its environment if it ran alone. */
  readonly env: Environment;
}

/** Runs every service in this process. They meet on the bus only, each with its own connection and identity. */
export async function hostServices(host: ServiceHost): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const traces = starting.use(
    await TraceStore.open({ maxTraces: 1_000, directory: join(host.stateDir, "traces"), log: host.log }),
  );
  const store = await openSharedStore(host, starting);
  const start = async (definitions: readonly ServiceDefinition[]) => {
    const started = await Promise.all(definitions.map((each) => hostOne(each, host, store, traces)));
    for (const each of started) starting.use(each);
  };
  // Services wait for each other by themselves; this order only ends each one's work before what it relies on goes.
  await start([traceExplorerWith(traces)]);
  await start([apiGateway, schedulerAdmission, eviction]);
  await start([imagePuller, hookRunner, probeRunner]);
  await start([podLifecycle]);
  return starting.move();
}

/** Cluster services that share a process share one watch cache. */
async function openSharedStore(host: ServiceHost, starting: AsyncDisposableStack): Promise<ObjectStore> {
  const connection = await connect("api-gateway", undefined, host);
  starting.defer(() => connection.close());
  return starting.use(await openStore({ connection, clock: host.clock, log: host.log, encryption: host.encryption }));
}

async function hostOne(
  definition: ServiceDefinition,
  host: ServiceHost,
  store: ObjectStore,
  traces: TraceStore,
): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const { name } = definition;
  const node = definition.scope === "node" ? host.nodeName : undefined;
  const telemetry = starting.use(
    createTelemetry({
      service: name,
      ...(node ? { node } : {}),
      level: host.logLevel,
      destination: host.logDestination,
      spanProcessors: [collectorSpanProcessor(traces)],
    }),
  );
  const connection = await connect(name, node, host);
  starting.defer(() => connection.close());
  const { clock } = host;
  const { log, tracer, meter } = telemetry;
  const bus = starting.use(createNatsBus({ connection, name, clock, tracer, log }));
  starting.use(await startService(definition, { bus, clock, log, tracer, meter, store }, host.env));
  return starting.move();
}

async function connect(name: string, node: string | undefined, host: ServiceHost) {
  const nkeySeed = await readSeed(host.busDir, { name, node: node ?? "" });
  return connectNats({ servers: host.natsUrl, name, nkeySeed, inboxPrefix: inboxPrefix(name, node), log: host.log });
}
