import { mkdir, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { findBinary } from "@podbus/binaries";
import type { Clock } from "@podbus/clock";
import { type Environment, readEncryptionConfig } from "@podbus/service";
import { createLogger } from "@podbus/telemetry";
import type { UpOptions } from "../arguments.ts";
import { clusterIdentities, nodeIdentities } from "../bus-access/identities.ts";
import { renderNatsConfig } from "../bus-access/nats-config.ts";
import { startContainerd } from "../machine/containerd.ts";
import { holdControlSocket } from "../machine/control-socket.ts";
import { type ApiCredentials, ensureApiCredentials, ensureSeeds } from "../machine/credentials.ts";
import { hostServices } from "../machine/host-services.ts";
import { type Layout, layoutOf } from "../machine/layout.ts";
import { OwnLog } from "../machine/log-files.ts";
import { startNatsServer } from "../machine/nats-server.ts";
import { nodeReady } from "../machine/node-ready.ts";
import { requireFreeNetwork } from "../machine/pod-network.ts";
import {
  fileExists,
  MissingRequirementsError,
  type Requirement,
  requireFreePorts,
  unmet,
} from "../machine/preflight.ts";
import { endLeftovers } from "../machine/processes.ts";
import { ensureTmpfs } from "../machine/tmpfs.ts";
import type { Terminal } from "../terminal.ts";

/** Runs everything until the signal; containers stay when it returns. */
export async function up(options: UpOptions, terminal: Terminal, clock: Clock): Promise<void> {
  const layout = layoutOf(options.stateDir);
  const apiUrl = `https://127.0.0.1:${options.apiPort}`;
  const natsUrl = `nats://127.0.0.1:${options.natsPort}`;
  const stop = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.resolve(signal));

  const missing = await unmet(requirements());
  if (missing.length > 0) throw new MissingRequirementsError(missing);
  await ensureTmpfs(layout.runDir);
  await using running = new AsyncDisposableStack();
  const { stateDir, nodeName } = options;
  const instance = {
    pid: process.pid,
    startedAt: new Date(clock.now()).toISOString(),
    stateDir,
    nodeName,
    apiUrl,
    natsUrl,
  };
  running.use(await holdControlSocket(layout.controlSocket, instance, () => stop.resolve('"podbus down"')));
  await endLeftovers(layout.runDir, { "nats-server": layout.natsConfig, containerd: layout.containerdConfig }, clock);
  await requireFreePorts([
    { what: "the Kubernetes API", option: "--api-port", address: options.apiAddress, port: options.apiPort },
    { what: "NATS", option: "--nats-port", address: "127.0.0.1", port: options.natsPort },
    { what: "OTLP", option: "--otlp-port", address: "127.0.0.1", port: options.otlpPort },
  ]);
  await requireFreeNetwork({ bridge: layout.bridge, podCidr: options.podCidr });

  await mkdir(layout.logsDir, { recursive: true, mode: 0o700 });
  const logDestination = running.use(new OwnLog(join(layout.logsDir, "podbus.log")));
  const log = createLogger({ service: "podbus", level: options.logLevel, destination: logDestination });
  const api = await ensureApiCredentials(layout.pkiDir, apiUrl, apiNames(options), clock);
  await writeFile(layout.kubeconfig, api.kubeconfig, { mode: 0o600 });
  const identities = await ensureSeeds(layout.busDir, [...clusterIdentities, ...nodeIdentities(nodeName)]);
  const listen = `127.0.0.1:${options.natsPort}`;
  await writeFile(layout.natsConfig, renderNatsConfig({ listen, storeDir: layout.natsDir }, identities));

  terminal.note(`podbus: starting nats-server and containerd (state in ${stateDir})`);
  const deps = { clock, log };
  const [nats, containerd] = await Promise.all([
    startNatsServer(layout, { host: "127.0.0.1", port: options.natsPort }, deps),
    startContainerd(layout, options, deps),
  ]);
  running.use(nats);
  running.use(containerd);

  terminal.note("podbus: starting the services");
  running.use(
    await hostServices({
      ...deps,
      logLevel: options.logLevel,
      logDestination,
      nodeName,
      natsUrl,
      busDir: layout.busDir,
      stateDir,
      encryption: readEncryptionConfig("podbus", api.encryptionConfigFile),
      env: serviceEnvironment(options, layout, api),
    }),
  );
  await Promise.race([nodeReady(layout, nodeName, clock), stop.promise]);
  terminal.note(`podbus: ready in ${(process.uptime()).toFixed(1)} s; logs in ${layout.logsDir}`);
  terminal.note(
    `podbus: try "kubectl --kubeconfig ${layout.kubeconfig} get nodes"; Ctrl-C stops podbus and leaves containers running`,
  );
  terminal.note(`podbus: stopping (${await stop.promise})`);
}

/** What each service would be given if it ran alone: its own settings come from our environment. */
function serviceEnvironment(options: UpOptions, layout: Layout, api: ApiCredentials): Environment {
  return {
    ...reachableFromPods(options),
    ...process.env,
    PODBUS_NODE_NAME: options.nodeName,
    PODBUS_STATE_DIR: layout.stateDir,
    PODBUS_RUN_DIR: layout.runDir,
    PODBUS_CRI_ENDPOINT: `unix://${layout.containerdSocket}`,
    PODBUS_API_ADDRESS: `${options.apiAddress}:${options.apiPort}`,
    PODBUS_API_TLS_CERT: api.certFile,
    PODBUS_API_TLS_KEY: api.keyFile,
    PODBUS_API_CLIENT_CA: api.caFile,
    PODBUS_API_SERVICE_ACCOUNT_KEY: api.serviceAccountKeyFile,
    // One replica: what an earlier one left, this one takes back at once.
    PODBUS_SCHEDULER_IDENTITY: options.nodeName,
    PODBUS_OTLP_ADDRESS: `127.0.0.1:${options.otlpPort}`,
  };
}

/** Where pods find the API, unless only this machine's own processes can reach it. */
function reachableFromPods({ apiAddress, apiPort }: UpOptions): Environment {
  if (apiAddress === "localhost" || apiAddress.startsWith("127.") || apiAddress === "::1") return {};
  const host = apiAddress === "0.0.0.0" || apiAddress === "::" ? "" : apiAddress;
  return { PODBUS_API_ADVERTISE_ADDRESS: `${host}:${apiPort}` };
}

/** Every name and address by which a client on this network may call the API server. */
function apiNames({ nodeName }: UpOptions) {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return {
    dnsNames: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", nodeName],
    ipAddresses: [
      ...new Set([
        "127.0.0.1",
        ...addresses.filter((each) => !each.internal && each.family === "IPv4").map((each) => each.address),
      ]),
    ],
  };
}

function requirements(): Requirement[] {
  const setup = 'run "make setup" as root, or install it';
  const program = (name: string, debian: string): Requirement => ({
    name,
    how: `${setup} (Debian: ${debian})`,
    met: async () => findBinary(name) !== undefined,
  });
  return [
    {
      name: "root",
      how: "run podbus as root: it makes network namespaces, mounts and cgroups",
      met: async () => process.getuid?.() === 0,
    },
    program("nats-server", "nats-server, 2.10 or newer"),
    program("containerd", "containerd, 1.7 or newer"),
    program("ctr", "containerd, 1.7 or newer"),
    program("runc", "runc"),
    program("iptables", "iptables"),
    program("setpriv", "util-linux"),
    {
      name: "CNI plugins",
      how: `${setup} (Debian: containernetworking-plugins)`,
      met: async () => (await fileExists("/usr/lib/cni/bridge")) || fileExists("/opt/cni/bin/bridge"),
    },
    {
      name: "a static busybox",
      how: `${setup} (Debian: busybox-static); the pods' pause image is made of it`,
      met: async () => findBinary("busybox") !== undefined,
    },
  ];
}
