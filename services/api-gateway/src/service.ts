import { Admission, Eviction, PodLifecycle } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { expireEvents } from "@podbus/events";
import { type ClusterRuntime, machineAddress } from "@podbus/service";
import { AccessControl } from "./access/access-control.ts";
import { Authenticator } from "./access/authenticator.ts";
import { BearerTokens } from "./access/bearer-tokens.ts";
import { ServiceAccountTokens } from "./access/service-account-tokens.ts";
import { readConfiguredFile, readTlsFiles } from "./adapters/read-tls-files.ts";
import type { ApiGatewayConfig } from "./config.ts";
import { keepApiServerEndpoints } from "./controllers/api-server-endpoints.ts";
import { defaultNamespaces, ensureNamespace, ensureNamespaceContent } from "./controllers/namespace-content.ts";
import { NamespaceController } from "./controllers/namespace-controller.ts";
import { monitorNodes } from "./controllers/node-monitor.ts";
import { collectPods } from "./controllers/pod-collector.ts";
import { aggregateRoles, foundRoles } from "./controllers/rbac-controller.ts";
import { ensureKubernetesService, followServices, repairClaims } from "./controllers/service-claims.ts";
import { ensureSystemObjects } from "./controllers/system-objects.ts";
import { parseTokenFile } from "./domain/access/token-file.ts";
import { reachableAddress } from "./domain/api-server-endpoints.ts";
import type { User } from "./domain/user.ts";
import { FlowControl } from "./flow-control/flow-control.ts";
import { GatewayServer } from "./http/gateway-server.ts";
import { listen } from "./http/listen.ts";
import { PodFeed } from "./node-api/pod-feed.ts";
import { serveNodeApi } from "./node-api/serve-node-api.ts";
import { servePodApi } from "./pod-api/delete-pod.ts";
import type { GatewayPorts } from "./ports.ts";

export interface ApiGateway extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
}

/** Open answers end when the gateway stops; what takes longer is cut off. */
const drainMs = 5000;

export async function startApiGateway(runtime: ClusterRuntime, config: ApiGatewayConfig): Promise<ApiGateway> {
  await using starting = new AsyncDisposableStack();
  const access = starting.use(new AccessControl(runtime));
  const tokens = await openTokens(runtime, config);
  const bearerTokens = new BearerTokens(await readStaticTokens(config), tokens);
  const { serviceRanges } = config;
  const ports = { ...portsOf(runtime), serviceRanges, access, bearerTokens, ...(tokens ? { tokens } : {}) };
  const tls = await readTlsFiles(config);

  await foundCluster(ports, tls.clientAuthorityPem);
  await ensureKubernetesService(ports, config.port);
  starting.use(followServices(ports, config.port));
  starting.use(inBackground(ports, (signal) => repairClaims(ports, config.port, signal)));
  const own = reachableAddress(config, await machineAddress());
  starting.use(inBackground(ports, (signal) => keepApiServerEndpoints(ports, own, signal)));
  starting.use(new NamespaceController(ports, tls.clientAuthorityPem));
  const feed = starting.use(new PodFeed(ports.store, ports.clock, ports.log));
  starting.use(await serveNodeApi(runtime.bus, ports, feed));
  starting.use(await servePodApi(runtime.bus, ports));
  starting.use(inBackground(ports, (signal) => monitorNodes(ports, signal)));
  starting.use(inBackground(ports, (signal) => collectPods(ports, config.terminatedPodThreshold, signal)));
  starting.use(
    inBackground(ports, (signal) => expireEvents(ports.store, { clock: ports.clock, log: ports.log, signal })),
  );

  await foundRoles(ports);
  starting.use(inBackground(ports, (signal) => aggregateRoles(ports, signal)));

  const flowControl = new FlowControl({ clock: ports.clock, seats: config.maxInFlight });
  const server = new GatewayServer(ports, { authenticator: new Authenticator(bearerTokens), access, flowControl });
  const listener = await listen({
    ...tls,
    clock: ports.clock,
    host: config.host,
    port: config.port,
    onRequest: (request, response) => server.onRequest(request, response),
    onUpgrade: (request, socket, head) => server.onUpgrade(request, socket, head),
  });
  starting.defer(async () => {
    const drained = new AbortController();
    const late = ports.clock.sleep(drainMs, drained.signal).catch(() => undefined);
    await Promise.race([server.stop(), late]);
    drained.abort();
    await listener[Symbol.asyncDispose]();
  });
  ports.log.info({ address: `${config.host}:${listener.port}` }, "the API is served");
  const running = starting.move();
  return { port: listener.port, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function portsOf({
  store,
  clock,
  log,
  tracer,
  bus,
}: ClusterRuntime): Omit<GatewayPorts, "serviceRanges" | "access" | "bearerTokens" | "tokens"> {
  return {
    store,
    clock,
    log,
    tracer,
    admission: bus.client(Admission),
    eviction: bus.client(Eviction),
    podLifecycle: (node) => bus.client(PodLifecycle, { node }),
  };
}

async function openTokens({ store, clock }: ClusterRuntime, config: ApiGatewayConfig) {
  const { serviceAccountKeyFile: file, serviceAccountIssuer: issuer } = config;
  if (file === undefined) return undefined;
  const variable = "PODBUS_API_SERVICE_ACCOUNT_KEY";
  const keysPem = await readConfiguredFile(variable, file);
  return unlessUnreadable(variable, file, () => ServiceAccountTokens.open({ keysPem, issuer, store, clock }));
}

async function readStaticTokens({ tokenFile: file }: ApiGatewayConfig) {
  if (file === undefined) return new Map<string, User>();
  const variable = "PODBUS_API_TOKEN_FILE";
  const text = await readConfiguredFile(variable, file);
  return unlessUnreadable(variable, file, async () => parseTokenFile(text));
}

/** What is wrong with a file is told without its content, which is secret. */
async function unlessUnreadable<T>(variable: string, file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const message = `${variable}: ${file}: ${(error as Error).message}`;
    throw new PodbusError({ code: "FAILED_PRECONDITION", message });
  }
}

/** Before the first request: kubectl expects `default` to be there. */
async function foundCluster({ store, clock }: GatewayPorts, authorityPem: string): Promise<void> {
  await ensureSystemObjects({ store, now: clock.now() });
  for (const name of defaultNamespaces) {
    const founding = { store, now: clock.now() };
    await ensureNamespace(founding, name);
    await ensureNamespaceContent(founding, name, authorityPem);
  }
}

/** Work that runs until it is disposed of. It ends by itself only by a mistake of ours. */
function inBackground({ log }: GatewayPorts, work: (signal: AbortSignal) => Promise<void>): AsyncDisposable {
  const controller = new AbortController();
  const running = work(controller.signal).catch((error) => log.error({ err: error }, "background work ended"));
  return {
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await running;
    },
  };
}
