import { Admission, Eviction, PodLifecycle } from "@podbus/contracts";
import { expireEvents } from "@podbus/events";
import type { ClusterRuntime } from "@podbus/service";
import { readTlsFiles } from "./adapters/read-tls-files.ts";
import type { ApiGatewayConfig } from "./config.ts";
import { defaultNamespaces, ensureNamespace, ensureNamespaceContent } from "./controllers/namespace-content.ts";
import { NamespaceController } from "./controllers/namespace-controller.ts";
import { monitorNodes } from "./controllers/node-monitor.ts";
import { ensureSystemObjects } from "./controllers/system-objects.ts";
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
  const ports = portsOf(runtime);
  const tls = await readTlsFiles(config);

  await foundCluster(ports, tls.clientAuthorityPem);
  starting.use(new NamespaceController(ports, tls.clientAuthorityPem));
  const feed = starting.use(new PodFeed(ports.store, ports.clock, ports.log));
  starting.use(await serveNodeApi(runtime.bus, ports, feed));
  starting.use(await servePodApi(runtime.bus, ports));
  starting.use(inBackground(ports, (signal) => monitorNodes(ports, signal)));
  starting.use(
    inBackground(ports, (signal) => expireEvents(ports.store, { clock: ports.clock, log: ports.log, signal })),
  );

  const server = new GatewayServer(ports);
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

function portsOf({ store, clock, log, tracer, bus }: ClusterRuntime): GatewayPorts {
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
