import { connectNats, createNatsBus, lateBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import { openStore } from "@podbus/store";
import { createTelemetry, type Logger } from "@podbus/telemetry";
import { ConfigError } from "./environment.ts";
import { inboxPrefix } from "./inbox-prefix.ts";
import { readSettings, type Settings } from "./read-settings.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { startService } from "./start-service.ts";

/** After a signal; then the process ends whatever is still under way. */
const disposeDeadlineMs = 10_000;

/** What an operator's mistake ends with; a supervisor need not try again. */
const exitBadConfig = 2;
const exitFailure = 1;

/**
 * Runs one service as this process, until SIGTERM or SIGINT: exit code 0. Nonsense in the environment: one line per
 * variable on stderr, exit code 2. Anything unforeseen: logged, exit code 1, so that the supervisor starts it again.
 */
export async function runService<C>(definition: ServiceDefinition<C>): Promise<never> {
  let settings: Settings;
  try {
    settings = readSettings(definition, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(exitBadConfig);
  }
  process.exit(await hostUntilStopped(definition, settings));
}

/** Resolves to the exit code. */
async function hostUntilStopped<C>(definition: ServiceDefinition<C>, settings: Settings): Promise<number> {
  const { name } = definition;
  const { node, logLevel } = settings;
  const opened = new AsyncDisposableStack();
  const telemetry = opened.use(createTelemetry({ service: name, level: logLevel, ...(node ? { node } : {}) }));
  const { log } = telemetry;
  endOnSurprise(log);
  const stop = stopSignal(log);
  const stopped = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
  try {
    const starting = open(definition, settings, { telemetry, opened, stop });
    await Promise.race([starting, stopped]);
    if (!stop.aborted) log.info("serving");
    await stopped;
  } catch (error) {
    if (!stop.aborted) {
      log.fatal({ err: error }, `cannot start: ${toPodbusError(error).message}`);
      return exitFailure;
    }
  }
  return dispose(opened, log);
}

interface Opening {
  readonly telemetry: ReturnType<typeof createTelemetry>;
  readonly opened: AsyncDisposableStack;
  readonly stop: AbortSignal;
}

async function open<C>(definition: ServiceDefinition<C>, settings: Settings, opening: Opening): Promise<void> {
  const { telemetry, opened, stop } = opening;
  const { name } = definition;
  const { log, tracer, meter } = telemetry;
  const { env, node, natsServers, nkeySeed, encryption } = settings;
  const connecting = connectNats({
    servers: natsServers,
    name,
    inboxPrefix: inboxPrefix(name, node),
    log,
    signal: stop,
    ...(nkeySeed ? { nkeySeed } : {}),
  });
  const clock = systemClock;
  const connected = connecting.then((connection) => {
    opened.defer(() => connection.close());
    return { connection, bus: opened.use(createNatsBus({ connection, name, clock, tracer, log })) };
  });
  if (definition.scope === "node" && definition.startsWithoutBus) {
    const bus = lateBus(connected.then((late) => late.bus));
    opened.use(await startService(definition, { bus, clock, log, tracer }, env));
    return;
  }
  const { connection, bus } = await connected;
  const store =
    definition.scope === "cluster"
      ? opened.use(await openStore({ connection, clock, log, ...(encryption ? { encryption } : {}) }))
      : undefined;
  opened.use(await startService(definition, { bus, clock, log, tracer, meter, ...(store ? { store } : {}) }, env));
}

async function dispose(opened: AsyncDisposableStack, log: Logger): Promise<number> {
  const late = systemClock.sleep(disposeDeadlineMs).then(() => "late" as const);
  try {
    const ended = await Promise.race([opened.disposeAsync(), late]);
    if (ended === "late") log.warn({ deadlineMs: disposeDeadlineMs }, "ended before everything was disposed");
    return 0;
  } catch (error) {
    log.error({ err: error }, "failed to stop cleanly");
    return exitFailure;
  }
}

/** Aborted by the first signal; a second one ends the process at once. */
function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(exitFailure);
      log.info({ signal }, "stopping");
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  return stop.signal;
}

function endOnSurprise(log: Logger): void {
  for (const event of ["unhandledRejection", "uncaughtException"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event === "unhandledRejection" ? "unhandled rejection" : "uncaught exception");
      process.exit(exitFailure);
    });
  }
}
