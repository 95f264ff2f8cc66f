import { connectNats, createNatsBus, lateBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import { type Encryption, openStore } from "@podbus/store";
import { createTelemetry, type Logger } from "@podbus/telemetry";
import { readEncryptionConfig } from "./encryption-config.ts";
import { ConfigError, commonConfig, nodeName, parseConfig, readNkeySeed } from "./environment.ts";
import { inboxPrefix } from "./inbox-prefix.ts";
import type { Environment, ServiceDefinition } from "./service-definition.ts";
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

interface Settings {
  readonly env: Environment;
  readonly natsServers: readonly string[];
  readonly nkeySeed: Uint8Array | undefined;
  /** Of what this service stores. */
  readonly encryption: Encryption | undefined;
  /** "" for a cluster service. */
  readonly node: string;
  readonly logLevel: string;
}

/** All that is wrong at once, so that an operator does not find it line by line. */
function readSettings<C>(definition: ServiceDefinition<C>, env: Environment): Settings {
  const { name, scope } = definition;
  const mistakes = new Set<string>();
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const line of error.message.split("\n")) mistakes.add(line);
      return undefined;
    }
  };
  const schema = scope === "node" ? commonConfig.refine((config) => config.nodeName, requiredNodeName) : commonConfig;
  const common = attempt(() => parseConfig(name, schema, env));
  attempt(() => parseConfig(name, definition.configSchema, env));
  const seedFile = common?.natsSeedFile;
  const nkeySeed = seedFile === undefined ? undefined : attempt(() => readNkeySeed(name, seedFile));
  const encryptionFile = scope === "cluster" ? common?.encryptionConfigFile : undefined;
  const encryption =
    encryptionFile === undefined ? undefined : attempt(() => readEncryptionConfig(name, encryptionFile));
  if (!common || mistakes.size > 0) throw new ConfigError([...mistakes].join("\n"));
  const node = scope === "node" ? nodeName.parse(common.nodeName) : "";
  return { env, natsServers: common.natsServers, nkeySeed, encryption, node, logLevel: common.logLevel };
}

const requiredNodeName = { path: ["PODBUS_NODE_NAME"], message: "required" };

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
