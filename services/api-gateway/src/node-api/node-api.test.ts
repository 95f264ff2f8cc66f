import type { Lease, Node, Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { json, nodeApiFixture, parsed, podFixture, refOf, storedPod, storePod } from "./node-api-fixture.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const node = (name: string, change: Partial<Node> = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/os": "linux" } },
  spec: {},
  status: { conditions: [{ type: "Ready", status: "True" }] },
  ...change,
});

describe("UpdatePodStatus", () => {
  it("writes the node's part and keeps the rest; the same again writes nothing", async () => {
    await using gateway = await nodeApiFixture();
    const scheduled = { type: "PodScheduled", status: "True" };
    await storePod(gateway.store, podFixture("x", "n1", { status: { phase: "Pending", conditions: [scheduled] } }));
    const statusJson = json({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] });
    const first = await gateway.nodeApi("n1").updatePodStatus({ pod: refOf("x"), statusJson });
    expect(storedPod(gateway.store, "x")?.value.status).toEqual({
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }, scheduled],
    });
    const second = await gateway.nodeApi("n1").updatePodStatus({ pod: refOf("x"), statusJson });
    expect(second.revision).toBe(first.revision);
    expect(storedPod(gateway.store, "x")?.revision).toBe(Number(first.revision));
  });

  it("lets two writers of one pod both get through", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    const write = (phase: string) =>
      gateway.nodeApi("n1").updatePodStatus({ pod: refOf("x"), statusJson: json({ phase }) });
    await Promise.all(["Pending", "Running", "Running", "Failed"].map(write));
    expect(storedPod(gateway.store, "x")?.value.status?.phase).toBeDefined();
  });

  it.each([
    ["another node's pod", "n2", refOf("x"), "PERMISSION_DENIED"],
    ["a pod without a node", "n1", refOf("free"), "PERMISSION_DENIED"],
    ["another incarnation", "n1", { ...refOf("x"), uid: "old" }, "NOT_FOUND"],
    ["no such pod", "n1", refOf("none"), "NOT_FOUND"],
  ])("refuses %s", async (_name, from, pod, expected) => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    await storePod(gateway.store, podFixture("free", ""));
    const before = gateway.store.cache.revision;
    const call = gateway.nodeApi(from).updatePodStatus({ pod, statusJson: json({ phase: "Running" }) });
    await expect(call).rejects.toEqual(code(expected));
    expect(gateway.store.cache.revision).toBe(before);
  });

  it("refuses a status that is not JSON", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    const call = gateway.nodeApi("n1").updatePodStatus({ pod: refOf("x"), statusJson: Buffer.from("{") });
    await expect(call).rejects.toEqual(code("INVALID_ARGUMENT"));
  });
});

describe("FinishPodDeletion", () => {
  const deleting = (finalizers: string[] = []): Partial<Pod> => ({
    metadata: {
      name: "x",
      namespace: "a",
      uid: "uid-x",
      deletionTimestamp: "2026-01-01T00:00:30Z",
      deletionGracePeriodSeconds: 30,
      finalizers,
    },
  });

  it("removes the object; again is a success", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1", deleting()));
    await gateway.nodeApi("n1").finishPodDeletion({ pod: refOf("x") });
    expect(storedPod(gateway.store, "x")).toBeUndefined();
    await gateway.nodeApi("n1").finishPodDeletion({ pod: refOf("x") });
  });

  it("leaves a held pod without grace, for whoever removes the last finalizer", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1", deleting(["f"])));
    await gateway.nodeApi("n1").finishPodDeletion({ pod: refOf("x") });
    expect(storedPod(gateway.store, "x")?.value.metadata.deletionGracePeriodSeconds).toBe(0);
  });

  it("refuses a pod that nobody deletes, and another node's", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    await expect(gateway.nodeApi("n1").finishPodDeletion({ pod: refOf("x") })).rejects.toEqual(
      code("FAILED_PRECONDITION"),
    );
    await expect(gateway.nodeApi("n2").finishPodDeletion({ pod: refOf("x") })).rejects.toEqual(
      code("PERMISSION_DENIED"),
    );
    expect(storedPod(gateway.store, "x")).toBeDefined();
  });
});

describe("GetPodDependency", () => {
  const secretPod = podFixture("x", "n1", {
    spec: { nodeName: "n1", containers: [{ name: "c", image: "i", envFrom: [{ secretRef: { name: "s" } }] }] },
  });

  it.each([
    ["what the pod refers to", "n1", "secrets", "s", undefined],
    ["nothing else", "n1", "secrets", "other", "PERMISSION_DENIED"],
    ["no other kind", "n1", "configmaps", "s", "PERMISSION_DENIED"],
    ["no class of another", "n1", "runtimeclasses", "kata", "PERMISSION_DENIED"],
    ["no other resource", "n1", "nodes", "n1", "INVALID_ARGUMENT"],
    ["nothing for another node", "n2", "secrets", "s", "PERMISSION_DENIED"],
  ])("gives %s", async (_name, from, resource, name, refusal) => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, secretPod);
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "a" }, data: { k: "dg==" } };
    await gateway.store.create({ resource: "secrets", namespace: "a", name: "s" }, secret);
    const call = gateway.nodeApi(from).getPodDependency({ pod: refOf("x"), resource, name });
    if (refusal) await expect(call).rejects.toEqual(code(refusal));
    else expect(parsed((await call).objectJson)).toMatchObject({ data: { k: "dg==" } });
  });

  it("gives a pull secret of the pod's own namespace, and none of another", async () => {
    await using gateway = await nodeApiFixture();
    const { spec } = secretPod;
    await storePod(gateway.store, {
      ...secretPod,
      spec: { ...spec, imagePullSecrets: [{ name: "own" }, { name: "b" }] },
    });
    for (const [namespace, name] of [
      ["a", "own"],
      ["b", "own"],
      ["b", "b"],
    ] as const) {
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, data: { k: "dg==" } };
      await gateway.store.create({ resource: "secrets", namespace, name }, secret);
    }
    const get = (name: string) =>
      gateway.nodeApi("n1").getPodDependency({ pod: refOf("x"), resource: "secrets", name });
    expect(parsed((await get("own")).objectJson)).toMatchObject({ metadata: { namespace: "a" } });
    await expect(get("b")).rejects.toEqual(code("NOT_FOUND"));
  });

  it("gives the RuntimeClass of a pod, which is in no namespace", async () => {
    await using gateway = await nodeApiFixture();
    const { spec } = secretPod;
    await storePod(gateway.store, { ...secretPod, spec: { ...spec, runtimeClassName: "kata" } });
    const runtimeClass = {
      apiVersion: "node.k8s.io/v1",
      kind: "RuntimeClass",
      metadata: { name: "kata" },
      handler: "kata",
    };
    await gateway.store.create({ resource: "runtimeclasses.node.k8s.io", namespace: "", name: "kata" }, runtimeClass);
    const request = { pod: refOf("x"), resource: "runtimeclasses", name: "kata" };
    expect(parsed((await gateway.nodeApi("n1").getPodDependency(request)).objectJson)).toMatchObject({
      handler: "kata",
    });
  });

  it("says what does not exist", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, secretPod);
    const call = gateway.nodeApi("n1").getPodDependency({ pod: refOf("x"), resource: "secrets", name: "s" });
    await expect(call).rejects.toMatchObject({ code: "NOT_FOUND", message: 'secret "s" not found' });
  });
});

describe("a node", () => {
  const nodeOf = (gateway: Awaited<ReturnType<typeof nodeApiFixture>>) =>
    gateway.store.cache.get<Node>({ resource: "nodes", namespace: "", name: "n1" })?.value;

  it("registers; again keeps what users set, and writes nothing if nothing changed", async () => {
    await using gateway = await nodeApiFixture();
    const answer = await gateway.nodeApi("n1").registerNode({ nodeJson: json(node("n1")) });
    expect(parsed(answer.nodeJson).metadata).toMatchObject({
      name: "n1",
      uid: expect.any(String),
      resourceVersion: "1",
    });
    const stored = nodeOf(gateway);
    if (!stored) throw new Error("not stored");
    const taints = [{ key: "k", effect: "NoSchedule" }];
    const changed = {
      ...stored,
      metadata: { ...stored.metadata, labels: { ...stored.metadata.labels, mine: "1" } },
      spec: { ...stored.spec, unschedulable: true, taints },
    };
    await gateway.store.update({ resource: "nodes", namespace: "", name: "n1" }, changed, 1);
    await gateway.nodeApi("n1").registerNode({ nodeJson: json(node("n1")) });
    expect(nodeOf(gateway)).toMatchObject({
      metadata: { resourceVersion: "2", labels: { mine: "1", "kubernetes.io/os": "linux" } },
      spec: { unschedulable: true, taints },
    });
  });

  it("may not register another one", async () => {
    await using gateway = await nodeApiFixture();
    const call = gateway.nodeApi("n1").registerNode({ nodeJson: json(node("n2")) });
    await expect(call).rejects.toEqual(code("PERMISSION_DENIED"));
  });

  it("renews its lease, once it is registered", async () => {
    await using gateway = await nodeApiFixture();
    const renew = () => gateway.nodeApi("n1").renewLease({ leaseDurationSeconds: 40 });
    const lease = () =>
      gateway.store.cache.get<Lease>({
        resource: "leases.coordination.k8s.io",
        namespace: "kube-node-lease",
        name: "n1",
      });
    await expect(renew()).rejects.toEqual(code("NOT_FOUND"));
    await gateway.nodeApi("n1").registerNode({ nodeJson: json(node("n1")) });
    await renew();
    expect(lease()?.value.spec).toMatchObject({ holderIdentity: "n1", renewTime: "2026-01-01T00:00:00.000000Z" });
    await gateway.clock.step(10_000);
    await renew();
    expect(lease()?.value.spec).toMatchObject({ leaseDurationSeconds: 40, renewTime: "2026-01-01T00:00:10.000000Z" });
  });

  it("is asked to register again after it was marked Unknown", async () => {
    await using gateway = await nodeApiFixture();
    const silent = node("n1", {
      status: { conditions: [{ type: "Ready", status: "Unknown", reason: "NodeStatusUnknown" }] },
    });
    await gateway.store.create({ resource: "nodes", namespace: "", name: "n1" }, silent);
    const renew = () => gateway.nodeApi("n1").renewLease({ leaseDurationSeconds: 40 });
    await expect(renew()).rejects.toMatchObject({ code: "FAILED_PRECONDITION", reason: "NodeStatusUnknown" });
    await gateway.nodeApi("n1").registerNode({ nodeJson: json(node("n1")) });
    await renew();
  });
});

describe("RecordEvents", () => {
  const event = (kind: string, name: string, uid: string, namespace: string) => ({
    apiVersion: "v1",
    kind,
    namespace,
    name,
    uid,
    type: "Normal",
    reason: "Started",
    message: "m",
    component: "kubelet",
    atMs: 1_767_225_600_000n,
  });

  it("records what is the node's own and refuses the rest", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    await storePod(gateway.store, podFixture("y", "n2"));
    await gateway.clock.step(0);
    const own = [event("Pod", "x", "uid-x", "a"), event("Node", "n1", "n1", "")];
    const others = [event("Pod", "y", "uid-y", "a"), event("Node", "n2", "n2", ""), event("Secret", "s", "u", "a")];
    await gateway.nodeApi("n1").recordEvents({ events: [...own, ...others] });
    await gateway.nodeApi("n1").recordEvents({ events: own });
    const stored = gateway.store.cache.list<{ metadata: object; count: number; involvedObject: { name: string } }>(
      "events",
    );
    expect(stored.items.map(({ value }) => [value.involvedObject.name, value.count]).sort()).toEqual([
      ["n1", 1],
      ["x", 1],
    ]);
    await expect(gateway.nodeApi("n1").recordEvents({ events: others })).rejects.toEqual(code("PERMISSION_DENIED"));
  });
});

describe("PodApi.DeletePod", () => {
  it("marks the pod with a reason; again changes nothing", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    const request = {
      pod: refOf("x"),
      gracePeriodSeconds: 30n,
      disruptionReason: "EvictionByEvictionAPI",
      disruptionMessage: "Eviction API: evicting",
    };
    const { podJson } = await gateway.podApi.deletePod(request);
    expect(parsed(podJson)).toMatchObject({
      metadata: { deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 },
      status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" }] },
    });
    const before = gateway.store.cache.revision;
    await gateway.podApi.deletePod(request);
    expect(gateway.store.cache.revision).toBe(before);
  });

  it("removes a pod without a node at once", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", ""));
    await gateway.podApi.deletePod({ pod: refOf("x") });
    expect(storedPod(gateway.store, "x")).toBeUndefined();
  });

  it("a dry run writes nothing", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    const { podJson } = await gateway.podApi.deletePod({ pod: refOf("x"), dryRun: true, gracePeriodSeconds: 5n });
    expect(parsed(podJson).metadata.deletionGracePeriodSeconds).toBe(5);
    expect(storedPod(gateway.store, "x")?.value.metadata.deletionTimestamp).toBeUndefined();
  });

  it.each([
    ["another incarnation", { pod: { ...refOf("x"), uid: "old" } }, { code: "NOT_FOUND" }],
    ["no such pod", { pod: refOf("none") }, { code: "NOT_FOUND" }],
    [
      "another version",
      { pod: refOf("x"), preconditionResourceVersion: "99" },
      { code: "FAILED_PRECONDITION", reason: "Conflict" },
    ],
  ])("refuses %s", async (_name, request, expected) => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    await expect(gateway.podApi.deletePod(request)).rejects.toMatchObject(expected);
    expect(storedPod(gateway.store, "x")?.value.metadata.deletionTimestamp).toBeUndefined();
  });
});
