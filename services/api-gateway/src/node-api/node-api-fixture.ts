import { createMemoryBus } from "@podbus/bus";
import { FakeClock } from "@podbus/clock";
import { Admission, Eviction, NodeApi, PodApi, PodLifecycle } from "@podbus/contracts";
import type { Pod } from "@podbus/kube";
import { createMemoryStore, type ObjectStore } from "@podbus/store";
import { createLogger } from "@podbus/telemetry";
import { memoryTracer } from "@podbus/testkit";
import { AccessControl } from "../access/access-control.ts";
import { BearerTokens } from "../access/bearer-tokens.ts";
import { servePodApi } from "../pod-api/delete-pod.ts";
import type { GatewayPorts } from "../ports.ts";
import { PodFeed } from "./pod-feed.ts";
import { serveNodeApi } from "./serve-node-api.ts";

export const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const rangesFixture = {
  addresses: { cidr: "10.96.0.0/29", first: 1, last: 6 },
  nodePorts: { first: 30_000, last: 30_010 },
};

/** NodeApi and PodApi over an in-memory bus and store, without HTTP. */
export async function nodeApiFixture() {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  const traces = memoryTracer();
  const hub = createMemoryBus({ clock });
  const serving = hub.bus("api-gateway");
  const calling = hub.bus("tests");
  const log = createLogger({ service: "api-gateway", level: "silent" });
  const access = new AccessControl({ store, clock, log });
  const ports: GatewayPorts = {
    access,
    serviceRanges: rangesFixture,
    bearerTokens: new BearerTokens(new Map(), undefined),
    store,
    clock,
    log,
    tracer: traces.tracer("api-gateway"),
    admission: serving.client(Admission),
    eviction: serving.client(Eviction),
    podLifecycle: (node) => serving.client(PodLifecycle, { node }),
  };
  const feed = new PodFeed(store, clock, ports.log);
  const served = [await serveNodeApi(serving, ports, feed), await servePodApi(serving, ports)];
  return {
    clock,
    store,
    traces,
    ports,
    feed,
    nodeApi: (node: string) => calling.client(NodeApi, { node }),
    podApi: calling.client(PodApi),
    [Symbol.asyncDispose]: async () => {
      for (const each of [...served, feed, access]) await each[Symbol.asyncDispose]();
      for (const bus of [calling, serving]) await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

export function podFixture(name: string, node: string, change: Partial<Pod> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "a", uid: `uid-${name}`, annotations: { "podbus.dev/traceparent": traceparent } },
    spec: { containers: [{ name: "c", image: "i" }], ...(node === "" ? {} : { nodeName: node }) },
    status: { phase: "Pending", qosClass: "BestEffort" },
    ...change,
  };
}

export const refOf = (name: string) => ({ namespace: "a", name, uid: `uid-${name}` });

export function storePod(store: ObjectStore, pod: Pod) {
  return store.create({ resource: "pods", namespace: "a", name: pod.metadata.name }, pod);
}

export function storedPod(store: ObjectStore, name: string) {
  return store.cache.get<Pod>({ resource: "pods", namespace: "a", name });
}

export const json = (value: object) => Buffer.from(JSON.stringify(value));
export const parsed = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString());
