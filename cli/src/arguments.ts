import { hostname } from "node:os";
import { resolve } from "node:path";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** What the user asked for, checked. */
export type Command =
  | { readonly kind: "up"; readonly options: UpOptions }
  | { readonly kind: "down" | "status" | "kubeconfig" | "reset"; readonly stateDir: string }
  | ({ readonly kind: "trace" } & TraceRequest)
  | ({ readonly kind: "probes" } & ProbesRequest)
  | { readonly kind: "demo"; readonly keep: boolean; readonly manifest: string | undefined }
  | { readonly kind: "runtime"; readonly options: RuntimeOptions }
  | { readonly kind: "init"; readonly options: InitOptions }
  | { readonly kind: "help"; readonly of: string | undefined };

export interface UpOptions {
  readonly stateDir: string;
  readonly nodeName: string;
  readonly apiAddress: string;
  readonly apiPort: number;
  readonly natsPort: number;
  readonly otlpPort: number;
  readonly podCidr: string;
  /** Registries ("host:port") that are reached over plain http. */
  readonly insecureRegistries: readonly string[];
  readonly logLevel: string;
}

export interface TraceRequest {
  readonly stateDir: string;
  readonly namespace: string;
  readonly pod: string;
  /** Waits for the pod to be Ready, and tells meanwhile how far its pulls are. */
  readonly follow: boolean;
}

export interface ProbesRequest {
  readonly stateDir: string;
  /** Undefined for all. */
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
}

export type RuntimeOptions = Pick<UpOptions, "stateDir" | "podCidr" | "insecureRegistries">;

export interface InitOptions {
  readonly dir: string;
  readonly nodeNames: readonly string[];
  /** Names and addresses that the API server's certificate is for. */
  readonly apiNames: readonly string[];
  readonly apiUrl: string;
  readonly natsListen: string;
  readonly natsStoreDir: string;
}

/** A mistake in the command line: its message is all the user needs. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const defaultStateDir = "/var/lib/podbus";

const shared = {
  "state-dir": { type: "string", default: defaultStateDir },
  help: { type: "boolean", short: "h" },
} as const;

const network = {
  "pod-cidr": { type: "string", default: "10.88.0.0/16" },
  "insecure-registry": { type: "string", multiple: true, default: [] as string[] },
} as const satisfies ParseArgsOptionsConfig;

export function parseCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") return { kind: "help", of: rest[0] };
  const parse = parsers[name];
  if (!parse) throw new UsageError(`unknown command "${name}". Run "podbus help" for the list.`);
  if (rest.includes("--help") || rest.includes("-h")) return { kind: "help", of: name };
  return parse(rest);
}

const parsers: Readonly<Record<string, (args: string[]) => Command>> = {
  up: parseUp,
  down: (args) => ({ kind: "down", stateDir: stateDirOnly("down", args) }),
  status: (args) => ({ kind: "status", stateDir: stateDirOnly("status", args) }),
  kubeconfig: (args) => ({ kind: "kubeconfig", stateDir: stateDirOnly("kubeconfig", args) }),
  reset: (args) => ({ kind: "reset", stateDir: stateDirOnly("reset", args) }),
  trace: parseTrace,
  probes: parseProbes,
  demo: parseDemo,
  runtime: parseRuntime,
  init: parseInit,
};

function parseUp(args: string[]): Command {
  const { values } = checked("up", () =>
    parseArgs({
      args,
      options: {
        ...shared,
        "node-name": { type: "string", default: hostname().toLowerCase() },
        "api-address": { type: "string", default: "0.0.0.0" },
        "api-port": { type: "string", default: "6443" },
        "nats-port": { type: "string", default: "4222" },
        "otlp-port": { type: "string", default: "4318" },
        ...network,
        "log-level": { type: "string", default: "info" },
      },
    }),
  );
  return {
    kind: "up",
    options: {
      stateDir: absolute(values["state-dir"]),
      nodeName: nodeName(values["node-name"]),
      apiAddress: values["api-address"],
      apiPort: port("--api-port", values["api-port"]),
      natsPort: port("--nats-port", values["nats-port"]),
      otlpPort: port("--otlp-port", values["otlp-port"]),
      podCidr: ipv4Cidr(values["pod-cidr"]),
      insecureRegistries: values["insecure-registry"].map(registryHost),
      logLevel: oneOf("--log-level", values["log-level"], [
        "trace",
        "debug",
        "info",
        "warn",
        "error",
        "fatal",
        "silent",
      ]),
    },
  };
}

function parseRuntime(args: string[]): Command {
  const { values } = checked("runtime", () => parseArgs({ args, options: { ...shared, ...network } }));
  return {
    kind: "runtime",
    options: {
      stateDir: absolute(values["state-dir"]),
      podCidr: ipv4Cidr(values["pod-cidr"]),
      insecureRegistries: values["insecure-registry"].map(registryHost),
    },
  };
}

function parseTrace(args: string[]): Command {
  const { values, positionals } = checked("trace", () =>
    parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...shared,
        namespace: { type: "string", short: "n", default: "default" },
        follow: { type: "boolean", short: "f", default: false },
      },
    }),
  );
  const [pod, ...more] = positionals;
  if (pod === undefined || more.length > 0)
    throw new UsageError('name one pod: "podbus trace POD [-n NAMESPACE] [-f]".');
  return {
    kind: "trace",
    stateDir: absolute(values["state-dir"]),
    namespace: values.namespace,
    pod: podName(pod),
    follow: values.follow,
  };
}

function parseProbes(args: string[]): Command {
  const { values, positionals } = checked("probes", () =>
    parseArgs({ args, allowPositionals: true, options: { ...shared, namespace: { type: "string", short: "n" } } }),
  );
  const [pod, ...more] = positionals;
  if (more.length > 0) throw new UsageError('name one pod, or none for all: "podbus probes [POD] [-n NAMESPACE]".');
  // A pod's name means one pod, as with kubectl; without one, every namespace is shown.
  const namespace = values.namespace ?? (pod === undefined ? undefined : "default");
  return {
    kind: "probes",
    stateDir: absolute(values["state-dir"]),
    namespace,
    pod: pod === undefined ? undefined : podName(pod),
  };
}

function parseDemo(args: string[]): Command {
  const { values } = checked("demo", () =>
    parseArgs({
      args,
      options: { keep: { type: "boolean", default: false }, manifest: { type: "string" }, help: shared.help },
    }),
  );
  return { kind: "demo", keep: values.keep, manifest: values.manifest };
}

function parseInit(args: string[]): Command {
  const { values } = checked("init", () =>
    parseArgs({
      args,
      options: {
        help: shared.help,
        dir: { type: "string" },
        node: { type: "string", multiple: true, default: [] },
        "api-name": { type: "string", multiple: true, default: [] },
        "api-url": { type: "string", default: "https://127.0.0.1:6443" },
        "nats-listen": { type: "string", default: "0.0.0.0:4222" },
        "nats-store-dir": { type: "string", default: "/data" },
      },
    }),
  );
  if (values.dir === undefined)
    throw new UsageError('say where to write the credentials: "podbus init --dir DIR --node NAME".');
  if (values.node.length === 0) throw new UsageError('name at least one node: "podbus init --dir DIR --node NAME".');
  return {
    kind: "init",
    options: {
      dir: absolute(values.dir),
      nodeNames: values.node.map(nodeName),
      apiNames: values["api-name"],
      apiUrl: values["api-url"],
      natsListen: values["nats-listen"],
      natsStoreDir: values["nats-store-dir"],
    },
  };
}

function stateDirOnly(command: string, args: string[]): string {
  return absolute(checked(command, () => parseArgs({ args, options: shared })).values["state-dir"]);
}

/** Node's own message names the option; the command's help says the rest. */
function checked<T>(command: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${error.message} Run "podbus help ${command}".`);
  }
}

const podName = (argument: string) => argument.replace(/^pods?\//, "");

const absolute = (path: string) => resolve(path);

/** Kubernetes: a node's name is a DNS subdomain. */
function nodeName(value: string): string {
  if (value.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value))
    return value;
  throw new UsageError(`node name "${value}" must be a DNS subdomain: lower-case letters, digits, "-" and ".".`);
}

function port(option: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= 65535) return number;
  throw new UsageError(`${option} ${value}: must be a port from 1 to 65535.`);
}

function ipv4Cidr(value: string): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(value);
  const bytesAreSmall = match?.slice(1, 5).every((byte) => Number(byte) <= 255);
  if (match && bytesAreSmall && Number(match[5]) >= 8 && Number(match[5]) <= 28) return value;
  throw new UsageError(
    `--pod-cidr ${value}: must be an IPv4 network such as 10.88.0.0/16, with a prefix from 8 to 28.`,
  );
}

function registryHost(value: string): string {
  if (/^[A-Za-z0-9][-A-Za-z0-9.]*(:\d{1,5})?$/.test(value)) return value;
  throw new UsageError(`--insecure-registry ${value}: must be HOST or HOST:PORT, without a scheme or path.`);
}

function oneOf(option: string, value: string, allowed: readonly string[]): string {
  if (allowed.includes(value)) return value;
  throw new UsageError(`${option} ${value}: must be one of ${allowed.join(", ")}.`);
}
