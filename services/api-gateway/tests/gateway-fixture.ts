import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, createMemoryBus, type Implementation } from "@podbus/bus";
import { type Clock, systemClock } from "@podbus/clock";
import { Admission, Eviction, Operation, PodApi, PodLifecycle } from "@podbus/contracts";
import { findResource, type KubeObject, type Pod, type Status, statusInvalid } from "@podbus/kube";
import { createMemoryStore } from "@podbus/store";
import { createLogger } from "@podbus/telemetry";
import { memoryTracer } from "@podbus/testkit";
import { createCertificateAuthority, type IssuedCertificate, issueCertificate } from "../src/pki/index.ts";
import { startApiGateway } from "../src/service.ts";

const serviceRanges = {
  addresses: { cidr: "10.96.0.0/16", first: 174_063_617, last: 174_129_150 },
  nodePorts: { first: 30_000, last: 32_767 },
};

const authority = await createCertificateAuthority("podbus test", Date.now());
const stranger = await createCertificateAuthority("somebody else", Date.now());
const leaf = (commonName: string, organizations: string[], from = authority) =>
  issueCertificate(from, { commonName, organizations, usage: "client", now: Date.now() });

export const people = {
  admin: await leaf("kubernetes-admin", ["system:masters"]),
  jane: await leaf("jane", ["people"]),
  node: await leaf("system:node:n1", ["system:nodes"]),
  stranger: await leaf("kubernetes-admin", ["system:masters"], stranger),
  nobody: undefined,
} satisfies Record<string, IssuedCertificate | undefined>;

export const serverCertificate = await issueCertificate(authority, {
  commonName: "podbus-api",
  usage: "server",
  dnsNames: ["localhost"],
  ipAddresses: ["127.0.0.1"],
  now: Date.now(),
});
export const authorityPem = authority.certificatePem;

export interface Answer {
  readonly code: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly body: any;
}

export interface Ask {
  readonly body?: string | Buffer | object;
  readonly headers?: Record<string, string>;
  readonly as?: keyof typeof people;
}

export interface GatewayFixtureOptions {
  readonly clock?: Clock;
  readonly podLifecycle?: Partial<Implementation<typeof PodLifecycle>>;
  /** Events that the store keeps per resource. */
  readonly windowSize?: number;
  /** Default: as many as no test sends at once. */
  readonly maxInFlight?: number;
}

/** A gateway with a real TLS listener over an in-memory bus and store; admission defaults and validates by the kind's own rules. */
export async function gatewayFixture(options: GatewayFixtureOptions = {}) {
  const { clock = systemClock, podLifecycle = {}, windowSize, maxInFlight = 600 } = options;
  const address = { host: "127.0.0.1", port: 0, advertised: undefined };
  const stack = new AsyncDisposableStack();
  const traces = stack.use(memoryTracer());
  const store = stack.use(createMemoryStore({ clock, ...(windowSize === undefined ? {} : { windowSize }) }));
  const hub = createMemoryBus({ clock });
  const bus = stack.use(hub.bus("api-gateway", { tracer: traces.tracer("api-gateway") }));
  const other = stack.use(hub.bus("scheduler-admission", { tracer: traces.tracer("scheduler-admission") }));
  stack.use(await serveAdmission(other));
  stack.use(await serveEviction(other));
  stack.use(await servePodLifecycle(other, podLifecycle));
  const agents = Object.fromEntries(Object.entries(people).map(([name, one]) => [name, agentOf(one)]));
  stack.defer(() => {
    for (const agent of Object.values(agents)) agent.destroy();
  });
  const log = createLogger({ service: "api-gateway", level: process.env.TEST_LOG_LEVEL ?? "silent" });
  const runtime = { bus, store, clock, log, tracer: traces.tracer("api-gateway") };
  const gateway = stack.use(
    await withFiles((files) =>
      startApiGateway(runtime, { ...address, maxInFlight, serviceRanges, terminatedPodThreshold: 0, ...files }),
    ),
  );
  /** A request whose body the test writes; the answer comes as the event "response". */
  const begin = (method: string, path: string, { headers = {}, as = "admin" }: Ask = {}) => {
    const agent = agents[as];
    const target = { host: "127.0.0.1", port: gateway.port, method, path, headers };
    return httpsRequest({ ...target, ...(agent ? { agent } : {}) });
  };
  const open = (method: string, path: string, ask: Ask = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { body, headers = {}, as = "admin" } = ask;
      const bytes =
        body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      const length = bytes === undefined ? {} : { "content-length": String(Buffer.byteLength(bytes)) };
      const request = begin(method, path, { as, headers: { ...length, ...headers } });
      request.on("response", resolve);
      request.on("error", reject);
      request.end(bytes);
    });
  const ask = async (method: string, path: string, options: Ask = {}): Promise<Answer> => {
    const response = await open(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    return { code: response.statusCode ?? 0, headers: response.headers, text, body: parse(text) };
  };
  return {
    store,
    traces,
    bus: other,
    port: gateway.port,
    begin,
    open,
    ask,
    get: (path: string, options?: Ask) => ask("GET", path, options),
    post: (path: string, body: Ask["body"], options: Ask = {}) =>
      ask("POST", path, { ...options, ...(body === undefined ? {} : { body }) }),
    put: (path: string, body: object) => ask("PUT", path, { body }),
    patch: (path: string, kind: string, body: object) =>
      ask("PATCH", path, { body, headers: { "content-type": `application/${kind}-patch+json` } }),
    delete: (path: string, body?: object) => ask("DELETE", path, body ? { body } : {}),
    /** Binds a pod as the scheduler would. */
    bind: async (name: string, node: string) => {
      const key = { resource: "pods", namespace: "default", name };
      const stored = store.cache.get<Pod>(key);
      if (!stored) throw new Error(`no pod ${name}`);
      await store.update(key, { ...stored.value, spec: { ...stored.value.spec, nodeName: node } }, stored.revision);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export type GatewayFixture = Awaited<ReturnType<typeof gatewayFixture>>;

export const podManifest = (name = "x", change: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "c", image: "busybox" }] },
  ...change,
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function agentOf(person: IssuedCertificate | undefined): Agent {
  const identity = person ? { cert: person.certificatePem, key: person.keyPem } : {};
  return new Agent({ ca: authorityPem, keepAlive: true, ...identity });
}

/** The files are read at the start and never again: not even a run that is interrupted leaves them behind. */
async function withFiles<T>(start: (files: Awaited<ReturnType<typeof writeFiles>>) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "podbus-gateway-"));
  try {
    return await start(await writeFiles(directory));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function writeFiles(directory: string) {
  const files = {
    certificateFile: join(directory, "api.crt"),
    keyFile: join(directory, "api.key"),
    clientAuthorityFile: join(directory, "ca.crt"),
    tokenFile: join(directory, "tokens.csv"),
    serviceAccountKeyFile: join(directory, "accounts.key"),
    serviceAccountIssuer: "https://kubernetes.default.svc.cluster.local",
  };
  await writeFile(files.tokenFile, `static-token,robot,uid-1,"people,others"\n`);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(files.serviceAccountKeyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeFile(files.certificateFile, serverCertificate.certificatePem);
  await writeFile(files.keyFile, serverCertificate.keyPem);
  await writeFile(files.clientAuthorityFile, authorityPem);
  return files;
}

function serveAdmission(bus: Bus): Promise<AsyncDisposable> {
  return bus.serve(
    Admission,
    {},
    {
      review: (request) => {
        const resource = findResource(request.group, request.version, request.resource);
        if (!resource) throw new Error(`no resource ${request.resource}`);
        const object = resource.defaults(decode(request.objectJson));
        const errors =
          request.operation === Operation.UPDATE
            ? resource.validateUpdate(object, decode(request.oldObjectJson))
            : resource.validate(object);
        if (errors.length === 0) return { verdict: { case: "objectJson", value: encode(object) } };
        const { status } = statusInvalid(resource, object.metadata.name, errors);
        return { verdict: { case: "refusedStatusJson", value: encode(status) } };
      },
    },
  );
}

function serveEviction(bus: Bus): Promise<AsyncDisposable> {
  const podApi = bus.client(PodApi);
  return bus.serve(
    Eviction,
    {},
    {
      evict: async ({ pod, gracePeriodSeconds, dryRun }) => {
        if (pod?.name === "protected") return { refusedStatusJson: encode(tooManyRequests) };
        await podApi.deletePod({
          ...(pod ? { pod } : {}),
          ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
          dryRun,
          disruptionReason: "EvictionByEvictionAPI",
          disruptionMessage: "Eviction API: evicting",
        });
        return {};
      },
    },
  );
}

const tooManyRequests: Status = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: "Cannot evict pod as it would violate the pod's disruption budget.",
  reason: "TooManyRequests",
  details: { causes: [{ reason: "DisruptionBudget", message: "The disruption budget b needs 1 healthy pods" }] },
  code: 429,
};

function servePodLifecycle(bus: Bus, own: Partial<Implementation<typeof PodLifecycle>>): Promise<AsyncDisposable> {
  return bus.serve(
    PodLifecycle,
    { node: "n1" },
    {
      async *readLogs() {},
      async *exec() {},
      sendExecInput: () => ({}),
      async *openTunnel() {},
      sendTunnelInput: () => ({}),
      ...own,
    },
  );
}

function encode(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function decode(bytes: Uint8Array): KubeObject {
  return JSON.parse(Buffer.from(bytes).toString()) as KubeObject;
}
