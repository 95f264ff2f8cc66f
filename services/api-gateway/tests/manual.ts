import { writeFileSync } from "node:fs";
import { NodeApi } from "@podbus/contracts";
import { authorityPem, gatewayFixture, people } from "./gateway-fixture.ts";

const enc = (o: object) => Buffer.from(JSON.stringify(o));
const g = await gatewayFixture({
  podLifecycle: {
    async *readLogs(r) {
      yield { data: Buffer.from(`hello ${JSON.stringify(r, (_k, v) => (typeof v === "bigint" ? String(v) : v))}\n`) };
      for (let i = 0; r.follow && i < 3; i++) {
        await new Promise((x) => setTimeout(x, 200));
        yield { data: Buffer.from(`line ${i}\n`) };
      }
    },
    async *exec(r) {
      yield { output: { case: "started", value: {} } };
      yield { output: { case: "stdout", value: Buffer.from(`ran ${r.command.join(" ")} tty=${r.tty}\n`) } };
      if (r.stdin) {
        const s = sessions;
        await new Promise<void>((x) => {
          s.set(r.sessionId, x);
        });
        yield { output: { case: "stdout", value: Buffer.concat(inputs.splice(0)) } };
      }
      yield { output: { case: "stderr", value: Buffer.from("err\n") } };
      yield { output: { case: "ended", value: { exitCode: r.command.includes("fail") ? 7 : 0, error: "" } } };
    },
    sendExecInput(r) {
      if (r.input.case === "stdin") inputs.push(Buffer.from(r.input.value));
      if (r.input.case === "end") sessions.get(r.sessionId)?.();
      if (r.input.case === "resize") console.error("resize", r.input.value.width, r.input.value.height);
      return {};
    },
  },
});
const inputs: Buffer[] = [];
const sessions = new Map<string, () => void>();
const d = "/tmp/gwm";
const { mkdirSync } = await import("node:fs");
mkdirSync(d, { recursive: true });
writeFileSync(`${d}/ca.crt`, authorityPem);
writeFileSync(`${d}/a.crt`, people.admin.certificatePem);
writeFileSync(`${d}/a.key`, people.admin.keyPem);
writeFileSync(`${d}/j.crt`, people.jane.certificatePem);
writeFileSync(`${d}/j.key`, people.jane.keyPem);
writeFileSync(
  `${d}/kubeconfig`,
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "p",
    clusters: [
      { name: "p", cluster: { server: `https://127.0.0.1:${g.port}`, "certificate-authority": `${d}/ca.crt` } },
    ],
    users: [
      { name: "a", user: { "client-certificate": `${d}/a.crt`, "client-key": `${d}/a.key` } },
      { name: "j", user: { "client-certificate": `${d}/j.crt`, "client-key": `${d}/j.key` } },
    ],
    contexts: [
      { name: "p", context: { cluster: "p", user: "a" } },
      { name: "j", context: { cluster: "p", user: "j" } },
    ],
  }),
);
const node = g.bus.client(NodeApi, { node: "n1" });
await node.registerNode({
  nodeJson: enc({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "n1", labels: { "kubernetes.io/os": "linux" } },
    spec: {},
    status: {
      capacity: { cpu: "2", memory: "4Gi", pods: "110" },
      allocatable: { cpu: "2", memory: "4Gi", pods: "110" },
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          lastHeartbeatTime: new Date().toISOString().slice(0, 19) + "Z",
          lastTransitionTime: new Date().toISOString().slice(0, 19) + "Z",
        },
      ],
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      nodeInfo: {
        machineID: "",
        systemUUID: "",
        bootID: "",
        kernelVersion: "6",
        osImage: "Debian",
        containerRuntimeVersion: "containerd://1.7",
        kubeletVersion: "v1.29.0",
        kubeProxyVersion: "",
        operatingSystem: "linux",
        architecture: "amd64",
      },
    },
  }),
});
setInterval(() => void node.renewLease({ leaseDurationSeconds: 40 }), 10000);
await node.renewLease({ leaseDurationSeconds: 40 });
void (async () => {
  // scheduler
  for await (const e of g.store.cache.watch<any>({
    resource: "pods",
    fromRevision: 0,
    signal: new AbortController().signal,
  })) {
    if (e.type !== "DELETED" && !e.object.value.spec.nodeName && !e.object.value.spec.schedulingGates) {
      try {
        await g.store.update(
          e.object.key,
          {
            ...e.object.value,
            spec: { ...e.object.value.spec, nodeName: "n1" },
            status: { ...e.object.value.status, conditions: [{ type: "PodScheduled", status: "True" }] },
          },
          e.object.revision,
        );
      } catch (x) {
        console.error(x);
      }
    }
  }
})();
const now = () => new Date().toISOString().slice(0, 19) + "Z";
void (async () => {
  for await (const m of node.watchPods({})) {
    if (m.event.case !== "pod") continue;
    const pod = JSON.parse(Buffer.from(m.event.value.podJson).toString());
    const ref = { namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid };
    if (pod.metadata.deletionTimestamp) {
      setTimeout(() => void node.finishPodDeletion({ pod: ref }).catch(console.error), 500);
      continue;
    }
    if (pod.status?.phase === "Running") continue;
    await node.recordEvents({
      events: [
        {
          apiVersion: "v1",
          kind: "Pod",
          ...ref,
          type: "Normal",
          reason: "Started",
          message: "Started container c",
          component: "kubelet",
          fieldPath: "spec.containers{c}",
          atMs: BigInt(Date.now()),
        },
      ],
    });
    setTimeout(
      () =>
        void node
          .updatePodStatus({
            pod: ref,
            statusJson: enc({
              phase: "Running",
              podIP: "10.1.0.2",
              podIPs: [{ ip: "10.1.0.2" }],
              hostIP: "10.0.0.1",
              startTime: now(),
              conditions: ["Initialized", "Ready", "ContainersReady"].map((type) => ({
                type,
                status: "True",
                lastTransitionTime: now(),
              })),
              containerStatuses: pod.spec.containers.map((c: any) => ({
                name: c.name,
                image: c.image,
                imageID: "sha",
                containerID: "containerd://1",
                ready: true,
                started: true,
                restartCount: 0,
                state: { running: { startedAt: now() } },
              })),
            }),
          })
          .catch(console.error),
      500,
    );
  }
})();
console.error("port", g.port, "rss", process.memoryUsage.rss() / 1e6);
setInterval(() => console.error("rss", process.memoryUsage.rss() / 1e6), 30000).unref();
process.on("SIGTERM", () => void g[Symbol.asyncDispose]().then(() => process.exit(0)));
