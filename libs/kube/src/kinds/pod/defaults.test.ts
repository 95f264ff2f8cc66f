import { describe, expect, it } from "vitest";
import { defaultImagePullPolicy } from "../../image/image-name.ts";
import { setPodCondition } from "./conditions.ts";
import { defaultTolerations, withAdmissionDefaults } from "./defaults.ts";
import { podWith, podWithContainer } from "./pod-fixture.ts";
import { pods } from "./resource.ts";
import { podLimits, podRequests, qosClass } from "./resources.ts";
import type { Pod } from "./schema.ts";
import { unsupportedPodFeatures } from "./unsupported.ts";

describe("defaults", () => {
  it.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["nginx:1.27", "IfNotPresent"],
    ["host:5000/nginx", "Always"],
    ["host:5000/nginx:1", "IfNotPresent"],
    ["nginx@sha256:abc", "IfNotPresent"],
    ["nginx:latest@sha256:abc", "Always"],
  ])("%s is pulled %s", (image, policy) => {
    expect(defaultImagePullPolicy(image)).toBe(policy);
  });

  it("a plain pod gets what Kubernetes gives it", () => {
    expect(podWith().spec).toEqual({
      containers: [
        {
          name: "main",
          image: "nginx:1.27",
          imagePullPolicy: "IfNotPresent",
          resources: {},
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
        },
      ],
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      terminationGracePeriodSeconds: 30,
      securityContext: {},
      schedulerName: "default-scheduler",
      enableServiceLinks: true,
    });
  });

  it("probes, hooks, ports and env sources are completed", () => {
    const pod = podWithContainer({
      ports: [{ containerPort: 80 }],
      env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      livenessProbe: { httpGet: { port: 80 } },
      lifecycle: { preStop: { httpGet: { port: 80 } } },
    });
    expect(pod.spec.containers[0]).toMatchObject({
      ports: [{ containerPort: 80, protocol: "TCP" }],
      env: [{ name: "A", valueFrom: { fieldRef: { apiVersion: "v1" } } }],
      livenessProbe: {
        httpGet: { path: "/", scheme: "HTTP" },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      lifecycle: { preStop: { httpGet: { path: "/", scheme: "HTTP" } } },
    });
  });

  it("volumes are completed", () => {
    const pod = podWith({
      volumes: [{ name: "a" }, { name: "b", secret: { secretName: "s" } }, { name: "c", hostPath: { path: "/x" } }],
    });
    expect(pod.spec.volumes).toEqual([
      { name: "a", emptyDir: {} },
      { name: "b", secret: { secretName: "s", defaultMode: 420 } },
      { name: "c", hostPath: { path: "/x", type: "" } },
    ]);
  });

  it("limits are requests where none are given", () => {
    const pod = podWithContainer({ resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } } });
    expect(pod.spec.containers[0]?.resources?.requests).toEqual({ cpu: "500m", memory: "1Gi" });
  });

  it("ports on the host's network are the host's", () => {
    expect(
      podWithContainer({ ports: [{ containerPort: 80 }] }, { hostNetwork: true }).spec.containers[0]?.ports?.[0]
        ?.hostPort,
    ).toBe(80);
  });

  it("defaults change nothing the second time, and never their input", () => {
    const pod = podWith({ volumes: [{ name: "v" }] });
    const before = structuredClone(pod);
    expect(pods.defaults(pod)).toEqual(pod);
    expect(pod).toEqual(before);
  });

  it("admission adds tolerations, account and priority once", () => {
    const admitted = withAdmissionDefaults(podWith());
    expect(admitted.spec).toMatchObject({
      serviceAccountName: "default",
      priority: 0,
      preemptionPolicy: "PreemptLowerPriority",
    });
    expect(admitted.spec.tolerations).toHaveLength(2);
    expect(withAdmissionDefaults(admitted)).toEqual(admitted);
    expect(defaultTolerations(podWith({ tolerations: [{ operator: "Exists" }] }))).toEqual([]);
    expect(withAdmissionDefaults(podWith({ priorityClassName: "system-node-critical" })).spec.priority).toBe(
      2_000_001_000,
    );
  });

  it("a new pod is Pending, whatever it says of itself", () => {
    const pod = { ...podWith({}, { deletionTimestamp: "2026-01-01T00:00:00Z" }), status: { phase: "Running" } };
    const created = pods.prepareForCreate(pod);
    expect(created.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
    expect(created.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe("what a pod needs", () => {
  const c = (name: string, requests: object, more: object = {}) => ({
    name,
    image: "i",
    resources: { requests },
    ...more,
  });
  it.each<[string, object, number]>([
    ["containers add up", { containers: [c("a", { cpu: "1" }), c("b", { cpu: "500m" })] }, 1500],
    [
      "a big init container counts alone",
      { containers: [c("a", { cpu: "1" })], initContainers: [c("i", { cpu: "3" })] },
      3000,
    ],
    [
      "a small one does not count",
      { containers: [c("a", { cpu: "1" })], initContainers: [c("i", { cpu: "500m" })] },
      1000,
    ],
    [
      "a sidecar adds to the containers",
      { containers: [c("a", { cpu: "1" })], initContainers: [c("s", { cpu: "1" }, { restartPolicy: "Always" })] },
      2000,
    ],
    [
      "an init container after a sidecar runs beside it",
      {
        containers: [c("a", { cpu: "1" })],
        initContainers: [c("s", { cpu: "1" }, { restartPolicy: "Always" }), c("i", { cpu: "3" })],
      },
      4000,
    ],
    ["the overhead is added", { containers: [c("a", { cpu: "1" })], overhead: { cpu: "100m" } }, 1100],
  ])("%s", (_sentence, spec, cpuMilli) => {
    expect(podRequests(podWith(spec)).cpuMilli).toBe(cpuMilli);
  });

  it("limits and other resources", () => {
    const pod = podWithContainer({ resources: { limits: { memory: "1Gi", "example.com/gpu": "2" } } });
    expect(podLimits(pod)).toEqual({
      cpuMilli: 0,
      memoryBytes: 1024 ** 3,
      ephemeralStorageBytes: 0,
      others: { "example.com/gpu": 2 },
    });
  });

  it.each<[string, object, string]>([
    ["nothing asked for", {}, "BestEffort"],
    ["all limited and equal", { limits: { cpu: "1", memory: "1Gi" } }, "Guaranteed"],
    ["only one limited", { limits: { cpu: "1" } }, "Burstable"],
    ["less requested than limited", { requests: { cpu: "500m" }, limits: { cpu: "1", memory: "1Gi" } }, "Burstable"],
    ["only requested", { requests: { cpu: "1" } }, "Burstable"],
    [
      "less memory requested than limited",
      { requests: { memory: "1Mi" }, limits: { cpu: "1", memory: "1Gi" } },
      "Burstable",
    ],
    ["only memory limited", { limits: { memory: "1Gi" } }, "Burstable"],
    ["only memory requested", { requests: { memory: "1Gi" } }, "Burstable"],
    ["only devices", { limits: { "example.com/gpu": "1" } }, "BestEffort"],
  ])("QoS: %s", (_sentence, resources, expected) => {
    expect(qosClass(podWithContainer({ resources }))).toBe(expected);
  });

  const all = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } };
  const twice = { requests: { cpu: "2", memory: "2Gi" }, limits: { cpu: "2", memory: "2Gi" } };
  const limited = { limits: { cpu: "2", memory: "2Gi" } };
  const named = (name: string, resources: object) => ({ name, image: "i", resources });
  it.each<[string, object, string]>([
    ["each container has all", { containers: [named("a", all), named("b", twice)] }, "Guaranteed"],
    ["one container has nothing", { containers: [named("a", all), named("b", {})] }, "Burstable"],
    ["an init container has nothing", { containers: [named("a", all)], initContainers: [named("i", {})] }, "Burstable"],
    [
      "an init container is limited too",
      { containers: [named("a", all)], initContainers: [named("i", limited)] },
      "Guaranteed",
    ],
    ["no container has anything", { containers: [named("a", {}), named("b", {})] }, "BestEffort"],
  ])("QoS of several containers: %s", (_sentence, spec, expected) => {
    expect(qosClass(podWith(spec))).toBe(expected);
  });

  it("limits of the containers add up", () => {
    const limits = podLimits(podWith({ containers: [named("a", all), named("b", twice)] }));
    expect(limits).toMatchObject({ cpuMilli: 3000, memoryBytes: 3 * 1024 ** 3 });
  });
});

describe("conditions", () => {
  const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second);
  it("the transition time moves with the status only", () => {
    const first = setPodCondition(undefined, { type: "Ready", status: "False", reason: "a" }, at(1));
    const same = setPodCondition(first, { type: "Ready", status: "False", reason: "b" }, at(2));
    const changed = setPodCondition(same, { type: "Ready", status: "True" }, at(3));
    expect(same).toEqual([{ type: "Ready", status: "False", reason: "b", lastTransitionTime: "2026-01-01T00:00:01Z" }]);
    expect(changed).toEqual([{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:03Z" }]);
  });
});

describe("what podbus cannot do yet is named", () => {
  const volume = (source: object) => podWith({ volumes: [{ name: "v", ...source }] });
  it.each<[string, Pod, string[]]>([
    ["a plain pod is fine", podWith(), []],
    ["supported volumes are fine", volume({ configMap: { name: "c" } }), []],
    ["a claim", volume({ persistentVolumeClaim: { claimName: "c" } }), ["spec.volumes[0].persistentVolumeClaim"]],
    [
      "a service account token",
      volume({
        projected: { sources: [{ serviceAccountToken: { path: "t" } }, { clusterTrustBundle: { path: "c" } }] },
      }),
      ["spec.volumes[0].projected.sources[1].clusterTrustBundle"],
    ],
    ["a gRPC probe", podWithContainer({ livenessProbe: { grpc: { port: 1 } } }), []],
    ["a TCP hook is fine", podWithContainer({ lifecycle: { preStop: { tcpSocket: { port: 1 } } } }), []],
    ["a sidecar is fine", podWith({ initContainers: [{ name: "s", image: "i", restartPolicy: "Always" }] }), []],
    ["own users", podWith({ hostUsers: false }), []],
    ["the host's users are fine", podWith({ hostUsers: true }), []],
    ["a runtime class is fine", podWith({ runtimeClassName: "kata" }), []],
    ["Windows", podWith({ os: { name: "windows" } }), ["spec.os.name"]],
  ])("%s", (_sentence, pod, fields) => {
    const errors = unsupportedPodFeatures(pod);
    expect(errors.map(({ field }) => field)).toEqual(fields);
    for (const error of errors) expect(error.message).toBe("Forbidden: not supported by podbus yet");
  });
});
