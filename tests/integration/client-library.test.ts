import {
  ApiException,
  AppsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeparateServices } from "../support/separate-services.ts";

/** The same operations as the kubectl matrix, through Kubernetes' own JavaScript client, which reads discovery and decodes by type. */
let deployment: SeparateServices;
let config: KubeConfig;
let objects: KubernetesObjectApi;
let core: CoreV1Api;

beforeAll(async () => {
  deployment = await SeparateServices.start([], ["nats-server", "api-gateway", "scheduler-admission", "eviction"]);
  config = new KubeConfig();
  config.loadFromFile(deployment.kubeconfig);
  objects = KubernetesObjectApi.makeApiClient(config);
  core = config.makeApiClient(CoreV1Api);
}, 60_000);
afterAll(() => deployment?.[Symbol.asyncDispose]());

interface Sample {
  readonly apiVersion: string;
  readonly kind: string;
  readonly content: object;
  /** Not below a namespace. */
  readonly cluster?: true;
}

const labels = { app: "web" };
const selector = { matchLabels: labels };
const podSpec = { containers: [{ name: "main", image: "web:1" }] };
const template = { metadata: { labels }, spec: podSpec };
const once = { spec: { ...podSpec, restartPolicy: "Never" } };
const now = "2026-01-01T00:00:00.000000Z";

const samples: readonly Sample[] = [
  { apiVersion: "v1", kind: "ConfigMap", content: { data: { a: "1" } } },
  { apiVersion: "v1", kind: "Secret", content: { stringData: { a: "1" } } },
  { apiVersion: "v1", kind: "ServiceAccount", content: {} },
  { apiVersion: "v1", kind: "Pod", content: { spec: { ...podSpec, schedulerName: "nobody" } } },
  { apiVersion: "v1", kind: "PodTemplate", content: { template } },
  { apiVersion: "v1", kind: "ReplicationController", content: { spec: { replicas: 0, selector: labels, template } } },
  { apiVersion: "v1", kind: "Service", content: { spec: { selector: labels, ports: [{ port: 80 }] } } },
  {
    apiVersion: "v1",
    kind: "Endpoints",
    content: { subsets: [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ port: 80 }] }] },
  },
  { apiVersion: "v1", kind: "LimitRange", content: { spec: { limits: [{ type: "Container", max: { cpu: "1" } }] } } },
  { apiVersion: "v1", kind: "ResourceQuota", content: { spec: { hard: { pods: "10" } } } },
  { apiVersion: "v1", kind: "Node", cluster: true, content: { spec: { unschedulable: true } } },
  { apiVersion: "v1", kind: "Namespace", cluster: true, content: {} },
  {
    apiVersion: "v1",
    kind: "Event",
    content: {
      involvedObject: { kind: "Pod", namespace: "default", name: "x" },
      reason: "Tested",
      message: "m",
      type: "Normal",
    },
  },
  {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    content: {
      ...{ eventTime: now, reportingController: "tests/client", reportingInstance: "one", action: "Testing" },
      ...{ reason: "Tested", note: "m", type: "Normal", regarding: { kind: "Pod", namespace: "default", name: "x" } },
    },
  },
  { apiVersion: "apps/v1", kind: "Deployment", content: { spec: { selector, template } } },
  { apiVersion: "apps/v1", kind: "ReplicaSet", content: { spec: { selector, template } } },
  { apiVersion: "apps/v1", kind: "StatefulSet", content: { spec: { selector, template, serviceName: "web" } } },
  { apiVersion: "apps/v1", kind: "DaemonSet", content: { spec: { selector, template } } },
  { apiVersion: "apps/v1", kind: "ControllerRevision", content: { revision: 1, data: { a: "1" } } },
  { apiVersion: "batch/v1", kind: "Job", content: { spec: { template: once } } },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    content: { spec: { schedule: "@daily", jobTemplate: { spec: { template: once } } } },
  },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget", content: { spec: { selector, minAvailable: 1 } } },
  {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    content: { spec: { holderIdentity: "me", leaseDurationSeconds: 15 } },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    content: { addressType: "IPv4", endpoints: [{ addresses: ["10.1.2.3"] }], ports: [{ name: "", port: 80 }] },
  },
  { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", cluster: true, content: { handler: "runc" } },
  { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", cluster: true, content: { value: 7, description: "d" } },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    content: { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    cluster: true,
    content: { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    content: {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "User", name: "jane", apiGroup: "rbac.authorization.k8s.io" }],
    },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    cluster: true,
    content: {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "Group", name: "team", apiGroup: "rbac.authorization.k8s.io" }],
    },
  },
];

const name = "client-library";
const headerOf = ({ apiVersion, kind, cluster }: Sample) => ({
  apiVersion,
  kind,
  metadata: { name, ...(cluster ? {} : { namespace: "default" }) },
});
const objectOf = (sample: Sample): KubernetesObject => {
  const { metadata, ...header } = headerOf(sample);
  return { ...header, metadata: { ...metadata, labels: { part: "client" } }, ...sample.content };
};

/** The Status with which a call was refused. */
async function refusal(call: Promise<unknown>): Promise<{ code: number; reason: string; message: string }> {
  const error = await call.then(
    () => new Error("it was not refused"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiException)) throw error;
  const status = typeof error.body === "string" ? JSON.parse(error.body) : error.body;
  expect(status).toMatchObject({ kind: "Status", status: "Failure", code: error.code });
  return status;
}

/** A JSON patch is a list, which the generic client cannot send; a typed one does below. */
const strategies = [
  ["a merge patch", PatchStrategy.MergePatch],
  ["a strategic merge patch", PatchStrategy.StrategicMergePatch],
  ["a server-side apply", PatchStrategy.ServerSideApply],
] as const;

describe.each(samples.map((sample) => [`${sample.apiVersion} ${sample.kind}`, sample] as const))("%s", (_, sample) => {
  const header = headerOf(sample);
  const read = () => objects.read(header);

  it("is created, once, and read back", async () => {
    const created = await objects.create(objectOf(sample));
    expect(created.metadata).toMatchObject({
      ...header.metadata,
      uid: expect.any(String),
      resourceVersion: expect.any(String),
    });
    expect(await read()).toMatchObject({
      apiVersion: sample.apiVersion,
      kind: sample.kind,
      metadata: { uid: created.metadata?.uid },
    });
    expect(await refusal(objects.create(objectOf(sample)))).toMatchObject({ code: 409, reason: "AlreadyExists" });
  });

  it.each(strategies)("is changed by %s", async (by, strategy) => {
    const [manager, force] = strategy === PatchStrategy.ServerSideApply ? ["client", true] : [undefined, undefined];
    const body = { ...header, metadata: { ...header.metadata, annotations: { by } } };
    const patched = await objects.patch(body, undefined, undefined, manager, force, strategy);
    expect(patched.metadata?.annotations).toMatchObject({ by });
  });

  it("is replaced only over the version that was read", async () => {
    const before = await read();
    const changed = { ...before, metadata: { ...before.metadata, annotations: { turn: "2" } } } as KubernetesObject;
    const after = await objects.replace(changed);
    expect(after.metadata?.annotations).toMatchObject({ turn: "2" });
    expect(await refusal(objects.replace(changed))).toMatchObject({ code: 409, reason: "Conflict" });
  });

  it("is listed by its labels and its name", async () => {
    const namespace = sample.cluster ? undefined : "default";
    const list = (fields: string, wanted: string) =>
      objects.list(sample.apiVersion, sample.kind, namespace, undefined, undefined, undefined, fields, wanted);
    expect((await list(`metadata.name=${name}`, "part=client")).items).toHaveLength(1);
    expect((await list(`metadata.name=${name}`, "part=other")).items).toEqual([]);
    expect((await list("metadata.name=other", "part=client")).items).toEqual([]);
  });

  it("is deleted: not by a dry run, then for good", async () => {
    await objects.delete(header, undefined, "All");
    expect((await read()).metadata?.deletionTimestamp).toBeUndefined();
    await objects.delete(header, undefined, undefined, 0);
    // A namespace goes when it is empty.
    if (sample.kind === "Namespace") return;
    expect(await refusal(read())).toMatchObject({ code: 404, reason: "NotFound" });
    expect(await refusal(objects.delete(header))).toMatchObject({ code: 404 });
  });
});

describe("the typed clients", () => {
  const namespace = "default";
  const configMap = (change: object = {}) => ({ metadata: { name: "typed", namespace, ...change }, data: { a: "1" } });

  it("generate names, keep dry runs out, and count generations", async () => {
    const first = await core.createNamespacedConfigMap({ namespace, body: { metadata: { generateName: "gen-" } } });
    expect(first.metadata?.name).toMatch(/^gen-[a-z0-9]{5}$/);
    await core.createNamespacedConfigMap({ namespace, body: configMap(), dryRun: "All" });
    expect(await refusal(core.readNamespacedConfigMap({ namespace, name: "typed" }))).toMatchObject({ code: 404 });
    const apps = config.makeApiClient(AppsV1Api);
    const body = { metadata: { name: "typed" }, spec: { selector, template } };
    expect((await apps.createNamespacedDeployment({ namespace, body })).metadata?.generation).toBe(1);
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: "typed" });
    await apps.replaceNamespacedDeploymentScale({
      namespace,
      name: "typed",
      body: { ...scale, spec: { replicas: 3 } },
    });
    const scaled = await apps.readNamespacedDeployment({ namespace, name: "typed" });
    expect(scaled).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 } });
    const status = { ...scaled, status: { replicas: 3, observedGeneration: 2 } };
    const reported = await apps.replaceNamespacedDeploymentStatus({ namespace, name: "typed", body: status });
    expect(reported).toMatchObject({ metadata: { generation: 2 }, status: { replicas: 3, observedGeneration: 2 } });
  });

  it("page through lists, and delete collections", async () => {
    for (let index = 0; index < 7; index += 1) {
      await core.createNamespacedConfigMap({
        namespace,
        body: { metadata: { name: `page-${index}`, labels: { paged: "yes" } } },
      });
    }
    const names: string[] = [];
    let next: string | undefined;
    do {
      const page = await core.listNamespacedConfigMap({
        namespace,
        labelSelector: "paged=yes",
        limit: 3,
        ...(next ? { _continue: next } : {}),
      });
      expect(page.items.length).toBeLessThanOrEqual(3);
      names.push(...page.items.map(({ metadata }) => metadata?.name ?? ""));
      next = page.metadata?._continue;
    } while (next);
    expect(names).toEqual(Array.from({ length: 7 }, (_, index) => `page-${index}`));
    await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: "paged=yes" });
    expect((await core.listNamespacedConfigMap({ namespace, labelSelector: "paged=yes" })).items).toEqual([]);
  });

  it("hold to preconditions and finalizers", async () => {
    const created = await core.createNamespacedConfigMap({
      namespace,
      body: configMap({ finalizers: ["example.com/hold"] }),
    });
    const wrong = { preconditions: { uid: "another" } };
    expect(await refusal(core.deleteNamespacedConfigMap({ namespace, name: "typed", body: wrong }))).toMatchObject({
      code: 409,
      reason: "Conflict",
    });
    const right = { preconditions: { uid: created.metadata?.uid ?? "" } };
    await core.deleteNamespacedConfigMap({ namespace, name: "typed", body: right });
    const going = await core.readNamespacedConfigMap({ namespace, name: "typed" });
    expect(going.metadata?.deletionTimestamp).toBeInstanceOf(Date);
    const body = [{ op: "remove", path: "/metadata/finalizers" }];
    const options = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);
    await core.patchNamespacedConfigMap({ namespace, name: "typed", body }, options);
    expect(await refusal(core.readNamespacedConfigMap({ namespace, name: "typed" }))).toMatchObject({ code: 404 });
  });

  it("tell of conflicts between appliers", async () => {
    const header = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shared", namespace } };
    const apply = (manager: string, value: string, force?: boolean) =>
      objects.patch(
        { ...header, data: { a: value } } as KubernetesObject,
        undefined,
        undefined,
        manager,
        force,
        PatchStrategy.ServerSideApply,
      );
    await apply("one", "1");
    const conflict = await refusal(apply("two", "2"));
    expect(conflict).toMatchObject({
      code: 409,
      reason: "Conflict",
      message: expect.stringContaining('conflict with "one": .data.a'),
    });
    expect(await apply("two", "2", true)).toMatchObject({ data: { a: "2" } });
  });

  it("are told what is wrong", async () => {
    const invalid = core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "Not A Name" } } });
    expect(await refusal(invalid)).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: expect.stringContaining("metadata.name"),
    });
    expect(await refusal(core.listNamespacedConfigMap({ namespace, labelSelector: "a in" }))).toMatchObject({
      code: 400,
    });
    expect(await refusal(core.listNamespacedConfigMap({ namespace, _continue: "nonsense" }))).toMatchObject({
      code: 400,
    });
    const ghost = core.createNamespacedConfigMap({ namespace: "ghost", body: configMap({ namespace: "ghost" }) });
    expect(await refusal(ghost)).toMatchObject({ code: 404, reason: "NotFound" });
  });

  it("ask who they are and what they may do, and make tokens", async () => {
    const version = await config.makeApiClient(VersionApi).getCode();
    expect(version).toMatchObject({ major: "1", gitVersion: expect.stringMatching(/^v1\./) });
    const me = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
    expect(me.status?.userInfo?.username).toBe("admin");
    const attributes = { namespace, verb: "create", resource: "pods", subresource: "exec" };
    const access = { spec: { resourceAttributes: attributes } };
    const answer = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: access });
    expect(answer.status?.allowed).toBe(true);
    const request = { metadata: {}, spec: { audiences: [], expirationSeconds: 600 } };
    const made = await core.createNamespacedServiceAccountToken({ namespace, name: "default", body: request });
    expect(made.status?.expirationTimestamp).toBeInstanceOf(Date);
    const asAccount = new KubeConfig();
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error("the kubeconfig names no cluster");
    asAccount.loadFromClusterAndUser(cluster, { name: "robot", token: made.status?.token ?? "" });
    expect(await refusal(asAccount.makeApiClient(CoreV1Api).listNamespacedPod({ namespace }))).toMatchObject({
      code: 403,
      reason: "Forbidden",
    });
  });
});
