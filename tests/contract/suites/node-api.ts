import { NodeApi } from "@podbus/contracts";
import { expect } from "vitest";
import { defineSuite, json } from "../harness/contract-suite.ts";
import {
  expectStored,
  type GatewayWorld,
  keyOf,
  node,
  pod,
  podKey,
  revisionOf,
  startGateway,
  storedPod,
} from "../harness/gateway-world.ts";

const nodeKey = { resource: "nodes", namespace: "", name: node };
const leaseKey = { resource: "leases.coordination.k8s.io", namespace: "kube-node-lease", name: node };

const reportedNode = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: node, labels: { "kubernetes.io/hostname": node } },
  spec: {},
  status: { capacity: { cpu: "2", memory: "4Gi", pods: "110" }, allocatable: { cpu: "2", memory: "4Gi", pods: "110" } },
};

const registered = expect.objectContaining({
  kind: "Node",
  metadata: expect.objectContaining({
    name: node,
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    labels: expect.objectContaining({ "kubernetes.io/hostname": node }),
  }),
  status: expect.objectContaining({ capacity: { cpu: "2", memory: "4Gi", pods: "110" } }),
});

const registeredAs = (uid: string) =>
  expect.objectContaining({ metadata: expect.objectContaining({ name: node, uid }) });

const isRegistered = ({ store }: GatewayWorld) =>
  store.create(nodeKey, { ...reportedNode, metadata: { ...reportedNode.metadata, uid: "node-uid" } });

const exists = (world: GatewayWorld) => world.putPod();
const asksForToken = {
  serviceAccountName: "robot",
  volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { audience: "vault", path: "token" } }] } }],
};
const withAccount = async (world: GatewayWorld) => {
  await world.put("serviceaccounts", "robot", { apiVersion: "v1", kind: "ServiceAccount" });
  await world.putPod({ spec: asksForToken });
};
const mirror = (metadata: object = {}, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: pod.name,
    namespace: pod.namespace,
    annotations: { "kubernetes.io/config.mirror": "static-uid" },
    ...metadata,
  },
  spec: { nodeName: node, containers: [{ name: "main", image: "busybox" }], ...spec },
});
const hasUid = (uid: string) => expect.objectContaining({ uid });
const mirrored = expect.objectContaining({
  metadata: expect.objectContaining({
    name: pod.name,
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    annotations: { "kubernetes.io/config.mirror": "static-uid" },
    ownerReferences: [{ apiVersion: "v1", kind: "Node", name: node, uid: "node-uid", controller: true }],
  }),
});
const isElsewhere = (world: GatewayWorld) => world.putPod({ spec: { nodeName: "node-2" } });
const isGoing = (world: GatewayWorld, finalizers?: string[]) =>
  world.putPod({
    metadata: {
      deletionTimestamp: "2026-01-01T00:00:30Z",
      deletionGracePeriodSeconds: 30,
      ...(finalizers ? { finalizers } : {}),
    },
  });

const another = { ...pod, uid: "another" };
const podNotFound = { error: { code: "NOT_FOUND", reason: "NotFound", message: 'pods "web" not found' } } as const;
const notOurs = { error: { code: "PERMISSION_DENIED", reason: "Forbidden" } } as const;

const running = {
  phase: "Running",
  podIP: "10.0.0.7",
  conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:09Z" }],
};

const event = {
  apiVersion: "v1",
  kind: "Pod",
  ...pod,
  type: "Normal",
  reason: "Started",
  message: "Started container main",
  component: "kubelet",
  atMs: 1_767_225_600_000n,
};

export const nodeApiSuite = defineSuite({
  service: NodeApi,
  target: { node },
  start: startGateway,
  examples: {
    registerNode: [
      {
        that: "a new node is created, once",
        request: { nodeJson: json(reportedNode) },
        answer: { reply: { nodeJson: registered } },
        effect: ({ store }) => expect(store.cache.list("nodes").items).toHaveLength(1),
      },
      {
        that: "a node that was there keeps what others set",
        given: ({ store }) =>
          store.create(nodeKey, {
            ...reportedNode,
            metadata: { name: node, uid: "6a1b3c5e-0000-4000-8000-00000000000a", labels: { rack: "r1" } },
            spec: { unschedulable: true },
          }),
        request: { nodeJson: json(reportedNode) },
        answer: {
          reply: {
            nodeJson: expect.objectContaining({
              metadata: expect.objectContaining({ labels: { rack: "r1", "kubernetes.io/hostname": node } }),
              spec: expect.objectContaining({ unschedulable: true }),
            }),
          },
        },
      },
      {
        that: "another node's name",
        request: { nodeJson: json({ ...reportedNode, metadata: { name: "node-2" } }) },
        answer: notOurs,
        effect: ({ store }) => expect(store.cache.list("nodes").items).toEqual([]),
      },
      {
        that: "what is no object",
        request: { nodeJson: json("node") },
        answer: {
          error: { code: "INVALID_ARGUMENT", reason: "BadRequest", message: expect.stringContaining("node_json") },
        },
      },
    ],
    renewLease: [
      {
        that: "a registered node has one lease",
        given: isRegistered,
        request: { leaseDurationSeconds: 40 },
        answer: { reply: { nodeRevision: expect.any(Number) } },
        effect: (world) =>
          expectStored(
            world,
            leaseKey,
            expect.objectContaining({
              spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: expect.any(String) },
              metadata: expect.objectContaining({
                ownerReferences: [{ apiVersion: "v1", kind: "Node", name: node, uid: "node-uid" }],
              }),
            }),
          ),
      },
      {
        that: "a node that is not registered",
        request: { leaseDurationSeconds: 40 },
        answer: { error: { code: "NOT_FOUND", reason: "NotFound" } },
        effect: (world) => expect(revisionOf(world, leaseKey)).toBeUndefined(),
      },
    ],
    watchPods: [
      {
        that: "the node's pods, then synced; never another node's",
        given: async (world) => {
          await world.putPod();
          await world.store.create(keyOf("pods", "other"), {
            ...storedPod,
            metadata: { ...storedPod.metadata, name: "other", uid: "other" },
            spec: { ...storedPod.spec, nodeName: "node-2" },
          });
        },
        request: {},
        answer: {
          replies: [
            { pod: { podJson: expect.objectContaining({ spec: storedPod.spec }), revision: expect.any(Number) } },
            { synced: { revision: expect.any(Number) } },
          ],
          stillOpen: true,
        },
      },
      {
        that: "a node that is registered is told what is stored of it, before its pods",
        given: async (world) => {
          await isRegistered(world);
          await world.putPod();
        },
        request: {},
        answer: {
          replies: [
            { node: { nodeJson: registeredAs("node-uid"), revision: expect.any(Number) } },
            { pod: { podJson: expect.anything(), revision: expect.any(Number) } },
            { synced: { revision: expect.any(Number) } },
          ],
          stillOpen: true,
        },
      },
      {
        that: "a node without pods is told so",
        request: {},
        answer: { replies: [{ synced: { revision: expect.any(Number) } }], stillOpen: true },
      },
    ],
    updatePodStatus: [
      {
        that: "the node's part of the status is replaced, once; others' conditions are kept",
        given: exists,
        request: { pod, statusJson: json(running) },
        answer: { reply: { revision: expect.any(Number) } },
        effect: (world) =>
          expectStored(
            world,
            podKey,
            expect.objectContaining({
              status: {
                ...running,
                qosClass: "BestEffort",
                conditions: [...running.conditions, ...storedPod.status.conditions],
              },
            }),
          ),
      },
      { that: "a pod that does not exist", request: { pod, statusJson: json(running) }, answer: podNotFound },
      {
        that: "another incarnation",
        given: exists,
        request: { pod: another, statusJson: json(running) },
        answer: podNotFound,
      },
      {
        that: "a pod of another node",
        given: isElsewhere,
        request: { pod, statusJson: json(running) },
        answer: notOurs,
        effect: (world) => expectStored(world, podKey, expect.objectContaining({ status: storedPod.status })),
      },
      {
        that: "what is not JSON",
        given: exists,
        request: { pod, statusJson: new TextEncoder().encode("phase: Running") },
        answer: {
          error: { code: "INVALID_ARGUMENT", reason: "BadRequest", message: expect.stringContaining("status_json") },
        },
      },
    ],
    finishPodDeletion: [
      {
        that: "a pod that is being deleted is removed",
        given: (world) => isGoing(world),
        request: { pod },
        answer: { reply: {} },
        effect: (world) => expect(revisionOf(world, podKey)).toBeUndefined(),
      },
      {
        that: "a pod with a finalizer stays, without grace",
        given: (world) => isGoing(world, ["example.com/hold"]),
        request: { pod },
        answer: { reply: {} },
        effect: (world) =>
          expectStored(
            world,
            podKey,
            expect.objectContaining({ metadata: expect.objectContaining({ deletionGracePeriodSeconds: 0 }) }),
          ),
      },
      { that: "a pod that is gone is a success", request: { pod }, answer: { reply: {} } },
      {
        that: "another incarnation is not touched",
        given: exists,
        request: { pod: another },
        answer: { reply: {} },
        effect: (world) => expect(revisionOf(world, podKey)).toBeDefined(),
      },
      {
        that: "a pod that nobody deletes",
        given: exists,
        request: { pod },
        answer: { error: { code: "FAILED_PRECONDITION", message: expect.stringContaining("not being deleted") } },
        effect: (world) => expect(revisionOf(world, podKey)).toBeDefined(),
      },
      { that: "a pod of another node", given: isElsewhere, request: { pod }, answer: notOurs },
    ],
    listPodServices: [
      {
        that: "the services of the pod's namespace that have an address, and the API's",
        given: async (world) => {
          await world.putPod();
          await world.put("services", "web-2", {
            spec: { type: "ClusterIP", clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.9"], ports: [{ port: 80 }] },
          });
          await world.put("services", "headless", {
            spec: { type: "ClusterIP", clusterIP: "None", clusterIPs: ["None"] },
          });
        },
        request: { pod },
        answer: {
          reply: {
            services: expect.arrayContaining([
              expect.objectContaining({
                namespace: "default",
                name: "web-2",
                clusterIp: "10.96.0.9",
                ports: [expect.objectContaining({ port: 80, protocol: "TCP" })],
              }),
              expect.objectContaining({ name: "kubernetes", clusterIp: "10.96.0.1" }),
            ]),
          },
        },
      },
      { that: "a pod of another node", given: isElsewhere, request: { pod }, answer: notOurs },
      { that: "a pod that is not there", request: { pod }, answer: { error: { code: "NOT_FOUND" } } },
    ],
    createMirrorPod: [
      {
        that: "a static pod is shown, owned by its node",
        given: isRegistered,
        request: { podJson: json(mirror()) },
        answer: { reply: {} },
        effect: (world) => expectStored(world, podKey, mirrored),
      },
      {
        that: "the same twice is a success, and nothing changes",
        given: async (world) => {
          await isRegistered(world);
          await world.putPod(mirror());
        },
        request: { podJson: json(mirror()) },
        answer: { reply: {} },
        effect: (world) => expectStored(world, podKey, expect.objectContaining({ metadata: hasUid(pod.uid) })),
      },
      {
        that: "another object has the name",
        given: async (world) => {
          await isRegistered(world);
          await world.putPod();
        },
        request: { podJson: json(mirror()) },
        answer: { error: { code: "ALREADY_EXISTS" } },
      },
      {
        that: "a node that is not registered",
        request: { podJson: json(mirror()) },
        answer: { error: { code: "FAILED_PRECONDITION", message: expect.stringContaining("not registered") } },
      },
      {
        that: "a pod that is no mirror",
        given: isRegistered,
        request: { podJson: json(mirror({ annotations: {} })) },
        answer: {
          error: { code: "PERMISSION_DENIED", message: expect.stringContaining("can only create mirror pods") },
        },
      },
      {
        that: "a pod of another node",
        given: isRegistered,
        request: { podJson: json(mirror({}, { nodeName: "node-2" })) },
        answer: { error: { code: "PERMISSION_DENIED", message: expect.stringContaining("set to itself") } },
      },
    ],
    deleteMirrorPod: [
      {
        that: "a mirror is removed at once",
        given: (world) => world.putPod(mirror()),
        request: { pod },
        answer: { reply: {} },
        effect: (world) => expect(revisionOf(world, podKey)).toBeUndefined(),
      },
      { that: "one that is gone is a success", request: { pod }, answer: { reply: {} } },
      {
        that: "an ordinary pod stays",
        given: exists,
        request: { pod },
        answer: { error: { code: "FAILED_PRECONDITION", message: expect.stringContaining("no mirror pod") } },
        effect: (world) => expect(revisionOf(world, podKey)).toBeDefined(),
      },
      { that: "a pod of another node", given: isElsewhere, request: { pod }, answer: notOurs },
    ],
    getPodDependency: [
      {
        that: "a config map that the pod refers to",
        given: async (world) => {
          await world.putPod();
          await world.put("configmaps", "settings", { data: { colour: "blue" } });
        },
        request: { pod, resource: "configmaps", name: "settings" },
        answer: { reply: { objectJson: expect.objectContaining({ data: { colour: "blue" } }) } },
      },
      {
        that: "a secret that no pod of the node refers to",
        given: async (world) => {
          await world.putPod();
          await world.put("secrets", "settings", { data: { password: "c2VjcmV0" } });
        },
        request: { pod, resource: "secrets", name: "settings" },
        answer: notOurs,
      },
      {
        that: "a pod of another node",
        given: isElsewhere,
        request: { pod, resource: "configmaps", name: "settings" },
        answer: notOurs,
      },
      {
        that: "a config map that does not exist",
        given: exists,
        request: { pod, resource: "configmaps", name: "settings" },
        answer: { error: { code: "NOT_FOUND", reason: "NotFound", message: 'configmap "settings" not found' } },
      },
      {
        that: "a resource that is neither",
        given: exists,
        request: { pod, resource: "pods", name: "settings" },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining('"pods"') } },
      },
    ],
    createPodToken: [
      {
        that: "a token that the pod asks for",
        given: withAccount,
        request: { pod, audience: "vault", expirationSeconds: 600n },
        answer: { reply: { token: expect.stringMatching(/^eyJ/), expiresAtMs: expect.anything() } },
        // Each is a token of its own, as good as the first.
        again: { reply: { token: expect.stringMatching(/^eyJ/), expiresAtMs: expect.anything() } },
      },
      {
        that: "an audience that the pod does not ask for",
        given: withAccount,
        request: { pod, audience: "other", expirationSeconds: 600n },
        answer: notOurs,
      },
      {
        that: "a pod of another node",
        given: isElsewhere,
        request: { pod, audience: "vault", expirationSeconds: 600n },
        answer: notOurs,
      },
      {
        that: "a lifetime that no token may have",
        given: withAccount,
        request: { pod, audience: "vault", expirationSeconds: 1n },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("expiration_seconds") } },
      },
      {
        that: "an account that does not exist",
        given: (world) => world.putPod({ spec: { ...asksForToken, serviceAccountName: "nobody" } }),
        request: { pod, audience: "vault", expirationSeconds: 600n },
        answer: { error: { code: "NOT_FOUND", reason: "NotFound", message: 'serviceaccounts "nobody" not found' } },
      },
    ],
    recordEvents: [
      {
        that: "an event about a pod of the node is stored, once",
        given: exists,
        request: { events: [event] },
        answer: { reply: {} },
        effect: ({ store }) => {
          const stored = store.cache.list("events").items.map(({ value }) => value);
          expect(stored).toEqual([
            expect.objectContaining({
              reason: "Started",
              message: "Started container main",
              type: "Normal",
              count: 1,
              involvedObject: expect.objectContaining({ kind: "Pod", ...pod }),
              source: { component: "kubelet", host: node },
            }),
          ]);
        },
      },
      {
        that: "an event about another node's pod",
        given: isElsewhere,
        request: { events: [event] },
        answer: notOurs,
        effect: ({ store }) => expect(store.cache.list("events").items).toEqual([]),
      },
      { that: "no events", request: {}, answer: { reply: {} } },
    ],
  },
});
