import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture, podManifest } from "./gateway-fixture.ts";

let gateway: GatewayFixture;
beforeEach(async () => {
  gateway = await gatewayFixture();
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

const pods = "/api/v1/namespaces/default/pods";
const configMaps = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, data: object = {}, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
});

describe("create", () => {
  it("stores a pod, complete, with the system's metadata", async () => {
    const { code, body } = await gateway.post(
      pods,
      podManifest("x", { metadata: { name: "x", uid: "mine", generation: 7 } }),
    );
    expect(code).toBe(201);
    expect(body).toMatchObject({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "x",
        namespace: "default",
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
      },
      spec: { restartPolicy: "Always", containers: [{ name: "c", imagePullPolicy: expect.any(String) }] },
      status: { phase: "Pending", qosClass: "BestEffort" },
    });
    expect((await gateway.get(`${pods}/x`)).body).toEqual(body);
  });

  it("generates a name", async () => {
    const { body } = await gateway.post(pods, podManifest("x", { metadata: { generateName: "web-" } }));
    expect(body.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it("takes YAML", async () => {
    const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n";
    const { code, body } = await gateway.post(configMaps, yaml, { headers: { "content-type": "application/yaml" } });
    expect([code, body.data]).toEqual([201, { a: "b" }]);
  });

  it("a dry run stores nothing", async () => {
    const { code, body } = await gateway.post(`${pods}?dryRun=All`, podManifest());
    expect([code, body.metadata.name]).toEqual([201, "x"]);
    expect((await gateway.get(`${pods}/x`)).code).toBe(404);
  });

  it("the same name twice is AlreadyExists", async () => {
    await gateway.post(pods, podManifest());
    const { code, body } = await gateway.post(pods, podManifest());
    expect([code, body.reason, body.message]).toEqual([409, "AlreadyExists", 'pods "x" already exists']);
  });

  it("warns of unknown fields unless told otherwise", async () => {
    const { code, headers } = await gateway.post(pods, podManifest("x", { spce: {} }));
    expect([code, headers.warning]).toEqual([201, '299 - "unknown field \\"spce\\""']);
    expect(
      (await gateway.post(`${pods}?fieldValidation=Ignore`, podManifest("y", { spce: {} }))).headers.warning,
    ).toBeUndefined();
  });
});

describe("bad input is refused as Kubernetes does, and nothing is stored", () => {
  const container = (change: object) =>
    podManifest("x", { spec: { containers: [{ name: "c", image: "i", ...change }] } });
  const big = configMap("big", { a: "x".repeat(2 * 1024 * 1024) });

  const cases: Record<string, [string, object | string, number, string, string | undefined, RegExp]> = {
    "an unknown field with strict validation": [
      `${pods}?fieldValidation=Strict`,
      podManifest("x", { spec: { containers: [{ name: "c", image: "i", imagee: "j" }] } }),
      400,
      "BadRequest",
      undefined,
      /strict decoding error: unknown field "spec.containers\[0\].imagee"/,
    ],
    "a bad name": [
      pods,
      podManifest("X_y"),
      422,
      "Invalid",
      "metadata.name",
      /Pod "X_y" is invalid: metadata.name: Invalid value: "X_y"/,
    ],
    "two containers of one name": [
      pods,
      podManifest("x", {
        spec: {
          containers: [
            { name: "c", image: "i" },
            { name: "c", image: "i" },
          ],
        },
      }),
      422,
      "Invalid",
      "spec.containers[1].name",
      /Duplicate value: "c"/,
    ],
    "a negative port": [
      pods,
      container({ ports: [{ containerPort: -1 }] }),
      422,
      "Invalid",
      "spec.containers[0].ports[0].containerPort",
      /must be between 1 and 65535/,
    ],
    "a missing image": [pods, container({ image: "" }), 422, "Invalid", "spec.containers[0].image", /Required value/],
    "a number where a text belongs": [
      pods,
      container({ image: 5 }),
      400,
      "BadRequest",
      undefined,
      /cannot unmarshal number/,
    ],
    "not JSON": [pods, "{", 400, "BadRequest", undefined, /./],
    "an empty body": [pods, "", 400, "BadRequest", undefined, /./],
    "another kind": [
      pods,
      configMap("x"),
      400,
      "BadRequest",
      undefined,
      /ConfigMap in version "v1" cannot be handled as a Pod/,
    ],
    "another version": [pods, podManifest("x", { apiVersion: "v2" }), 400, "BadRequest", undefined, /./],
    "another namespace": [
      pods,
      podManifest("x", { metadata: { name: "x", namespace: "other" } }),
      400,
      "BadRequest",
      undefined,
      /the namespace of the provided object does not match the namespace sent on the request/,
    ],
    "an object of 2 MB": [configMaps, big, 413, "RequestEntityTooLarge", undefined, /./],
    "a body of 4 MB": [
      configMaps,
      "x".repeat(4 * 1024 * 1024),
      413,
      "RequestEntityTooLarge",
      undefined,
      /limit is 3145728/,
    ],
    "no such namespace": [
      "/api/v1/namespaces/none/pods",
      podManifest(),
      404,
      "NotFound",
      undefined,
      /^namespaces "none" not found$/,
    ],
    "no name at all": [
      pods,
      podManifest("x", { metadata: {} }),
      422,
      "Invalid",
      "metadata.name",
      /name or generateName is required/,
    ],
    "an unknown dryRun": [`${pods}?dryRun=Some`, podManifest(), 422, "Invalid", "dryRun", /./],
  };

  it.each(Object.entries(cases))("%s", async (_name, [path, body, code, reason, field, message]) => {
    const before = gateway.store.cache.revision;
    const answer = await gateway.post(path, body);
    expect([answer.code, answer.body.reason]).toEqual([code, reason]);
    expect(answer.body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code });
    expect(answer.body.message).toMatch(message);
    if (field) expect(answer.body.details.causes.map((cause: { field: string }) => cause.field)).toContain(field);
    expect(gateway.store.cache.revision).toBe(before);
  });

  it("not YAML", async () => {
    const { code, body } = await gateway.post(pods, "a: [", { headers: { "content-type": "application/yaml" } });
    expect([code, body.reason]).toEqual([400, "BadRequest"]);
  });

  it("another media type", async () => {
    const { code, body } = await gateway.post(pods, "x", { headers: { "content-type": "text/plain" } });
    expect([code, body.reason]).toEqual([415, "UnsupportedMediaType"]);
  });

  it("an answer in a form that is not spoken", async () => {
    const { code } = await gateway.post(pods, podManifest(), {
      headers: { accept: "application/vnd.kubernetes.protobuf" },
    });
    expect(code).toBe(406);
    expect((await gateway.get(`${pods}/x`)).code).toBe(404);
  });
});

describe("paths and methods", () => {
  it.each([
    ["GET", "/api/v1/namespaces/default/poems", 404, "NotFound", /the server could not find the requested resource/],
    ["GET", "/apis/nothing.example/v1/poems", 404, "NotFound", /could not find/],
    ["GET", `${pods}/none`, 404, "NotFound", /^pods "none" not found$/],
    ["GET", "/api/v1/namespaces/default/nodes", 404, "NotFound", /could not find/],
    ["POST", "/api/v1/pods", 405, "MethodNotAllowed", /./],
    ["POST", `${pods}/x`, 405, "MethodNotAllowed", /./],
    ["GET", "/somewhere", 404, "NotFound", /./],
    ["POST", `${pods}/x/resize`, 501, "NotImplemented", /pods\/resize is not supported/],
    ["POST", `${pods}/x/attach`, 400, "BadRequest", /Upgrade request required/],
  ])("%s %s is %i", async (method, path, code, reason, message) => {
    const answer = await gateway.ask(method, path, method === "POST" ? { body: podManifest() } : {});
    expect([answer.code, answer.body.reason]).toEqual([code, reason]);
    expect(answer.body.message).toMatch(message);
  });
});

describe("update and patch", () => {
  beforeEach(async () => {
    await gateway.post(configMaps, configMap("m", { a: "1", b: "1" }));
  });
  const path = `${configMaps}/m`;

  it("a replacement needs the version it saw", async () => {
    const { body } = await gateway.get(path);
    const first = await gateway.put(path, { ...body, data: { a: "2" } });
    expect([first.code, first.body.data]).toEqual([200, { a: "2" }]);
    const second = await gateway.put(path, { ...body, data: { a: "3" } });
    expect([second.code, second.body.reason]).toEqual([409, "Conflict"]);
    expect(second.body.message).toMatch(
      /Operation cannot be fulfilled on configmaps "m": the object has been modified/,
    );
  });

  it("without a version it replaces whatever is there, but not another incarnation", async () => {
    expect((await gateway.put(path, configMap("m", { a: "5" }))).body.data).toEqual({ a: "5" });
    const { code, body } = await gateway.put(path, configMap("m", {}, { uid: "other" }));
    expect([code, body.reason]).toEqual([409, "Conflict"]);
  });

  it("nothing changed is nothing written", async () => {
    const { body } = await gateway.get(path);
    expect((await gateway.put(path, body)).body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    const patched = await gateway.patch(path, "merge", { data: { a: "1" } });
    expect(patched.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  it("another name is refused", async () => {
    const { code, body } = await gateway.put(path, configMap("n"));
    expect([code, body.reason]).toEqual([400, "BadRequest"]);
    expect(body.message).toMatch(/the name of the object \(n\) does not match the name on the URL \(m\)/);
  });

  it("what is not there cannot be changed", async () => {
    expect((await gateway.put(`${configMaps}/none`, configMap("none"))).code).toBe(404);
    expect((await gateway.patch(`${configMaps}/none`, "merge", {})).code).toBe(404);
  });

  it.each([
    ["merge", { data: { a: "2", b: null } }, { a: "2" }],
    ["json", [{ op: "replace", path: "/data/a", value: "2" }], { a: "2", b: "1" }],
    ["strategic-merge", { data: { a: "2" } }, { a: "2", b: "1" }],
  ])("a %s patch", async (kind, patch, data) => {
    const { code, body } = await gateway.patch(path, kind, patch);
    expect([code, body.data]).toEqual([200, data]);
  });

  it("patches meet without losing one", async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => gateway.patch(path, "merge", { data: { [key]: "1" } })));
    expect(Object.keys((await gateway.get(path)).body.data)).toEqual(expect.arrayContaining(keys));
  });

  it("a patch that names a version is held to it", async () => {
    const { code } = await gateway.patch(path, "merge", { metadata: { resourceVersion: "1" }, data: {} });
    expect(code).toBe(409);
  });

  it("a pod keeps its spec and its trace", async () => {
    const { body: pod } = await gateway.post(pods, podManifest());
    const spec = { containers: [{ name: "c", image: "busybox", command: ["x"] }] };
    const changed = await gateway.put(`${pods}/x`, { ...pod, spec: { ...pod.spec, ...spec } });
    expect([changed.code, changed.body.reason]).toEqual([422, "Invalid"]);
    const relabelled = await gateway.put(`${pods}/x`, {
      ...pod,
      metadata: { ...pod.metadata, labels: { l: "1" }, annotations: { "podbus.dev/traceparent": "forged" } },
    });
    expect(relabelled.body.metadata).toMatchObject({ labels: { l: "1" }, annotations: pod.metadata.annotations });
  });

  it("status is changed by its own path only", async () => {
    const { body: pod } = await gateway.post(pods, podManifest());
    const running = { ...pod, status: { ...pod.status, phase: "Running" } };
    expect((await gateway.put(`${pods}/x`, running)).body.status.phase).toBe("Pending");
    const { code, body } = await gateway.put(`${pods}/x/status`, { ...running, metadata: { ...pod.metadata } });
    expect([code, body.status.phase]).toEqual([200, "Running"]);
  });
});

describe("delete", () => {
  it("a pod without a node is gone at once, and shown", async () => {
    await gateway.post(pods, podManifest());
    const { code, body } = await gateway.delete(`${pods}/x`);
    expect([code, body.kind, body.metadata.name]).toEqual([200, "Pod", "x"]);
    expect((await gateway.get(`${pods}/x`)).code).toBe(404);
  });

  it("a pod on a node is marked, and its node removes it", async () => {
    await gateway.post(pods, podManifest());
    await gateway.bind("x", "n1");
    const { code, body } = await gateway.delete(`${pods}/x`);
    expect([code, body.metadata.deletionGracePeriodSeconds]).toEqual([200, 30]);
    expect(body.metadata.annotations["podbus.dev/deletion-traceparent"]).toMatch(/^00-/);
    const again = await gateway.delete(`${pods}/x`, { gracePeriodSeconds: 5 });
    expect(again.body.metadata.deletionGracePeriodSeconds).toBe(5);
    const longer = await gateway.delete(`${pods}/x`, { gracePeriodSeconds: 60 });
    expect(longer.body.metadata.deletionGracePeriodSeconds).toBe(5);
    expect((await gateway.delete(`${pods}/x?gracePeriodSeconds=0`)).code).toBe(200);
    expect((await gateway.get(`${pods}/x`)).code).toBe(404);
  });

  it("a name is free as soon as its pod was deleted by force", async () => {
    const { body: old } = await gateway.post(pods, podManifest());
    await gateway.bind("x", "n1");
    await gateway.delete(`${pods}/x`, { gracePeriodSeconds: 0 });
    const { code, body } = await gateway.post(pods, podManifest());
    expect(code).toBe(201);
    expect(body.metadata.uid).not.toBe(old.metadata.uid);
  });

  it("other kinds answer with a Status", async () => {
    const { body: map } = await gateway.post(configMaps, configMap("m"));
    const { code, body } = await gateway.delete(`${configMaps}/m`, {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Background",
    });
    expect([code, body.status, body.details]).toEqual([
      200,
      "Success",
      { name: "m", kind: "configmaps", uid: map.metadata.uid },
    ]);
  });

  it("preconditions hold", async () => {
    await gateway.post(configMaps, configMap("m"));
    const { code, body } = await gateway.delete(`${configMaps}/m`, { preconditions: { uid: "other" } });
    expect([code, body.reason]).toEqual([409, "Conflict"]);
    expect((await gateway.get(`${configMaps}/m`)).code).toBe(200);
  });

  it("a dry run deletes nothing", async () => {
    await gateway.post(configMaps, configMap("m"));
    expect((await gateway.delete(`${configMaps}/m?dryRun=All`)).code).toBe(200);
    expect((await gateway.get(`${configMaps}/m`)).code).toBe(200);
  });

  it("finalizers hold an object until the last one is removed", async () => {
    await gateway.post(configMaps, configMap("m", {}, { finalizers: ["example.com/hold"] }));
    const { code, body } = await gateway.delete(`${configMaps}/m`);
    expect([code, body.metadata.deletionTimestamp]).toEqual([200, expect.any(String)]);
    await gateway.patch(`${configMaps}/m`, "merge", { metadata: { finalizers: null } });
    expect((await gateway.get(`${configMaps}/m`)).code).toBe(404);
  });

  it("a collection by its labels", async () => {
    await gateway.post(configMaps, configMap("m", {}, { labels: { go: "1" } }));
    await gateway.post(configMaps, configMap("n"));
    const { code, body } = await gateway.delete(`${configMaps}?labelSelector=go%3D1`);
    expect([code, body.items.map((item: { metadata: { name: string } }) => item.metadata.name)]).toEqual([200, ["m"]]);
    expect((await gateway.get(`${configMaps}/n`)).code).toBe(200);
  });

  it("what is not there is not found", async () => {
    expect((await gateway.delete(`${configMaps}/m`)).code).toBe(404);
  });
});

describe("lists", () => {
  const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map((item) => item.metadata.name);
  beforeEach(async () => {
    await gateway.post(configMaps, configMap("b", {}, { labels: { l: "1" } }));
    await gateway.post(configMaps, configMap("a"));
  });

  it("come at a revision, in order, chosen by selectors", async () => {
    const { body } = await gateway.get(configMaps);
    expect(body).toMatchObject({ kind: "ConfigMapList", apiVersion: "v1" });
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0);
    expect(names(body)).toEqual(["a", "b", "kube-root-ca.crt"]);
    expect(names((await gateway.get(`${configMaps}?labelSelector=l`)).body)).toEqual(["b"]);
    expect(names((await gateway.get(`${configMaps}?fieldSelector=metadata.name%3Da`)).body)).toEqual(["a"]);
    expect(names((await gateway.get("/api/v1/configmaps?labelSelector=l")).body)).toEqual(["b"]);
  });

  it.each([
    ["a selector that cannot be read", "labelSelector=a%20in", 400],
    ["a field that is not offered", "fieldSelector=spec.mood%3Dgood", 400],
    ["a continue token from elsewhere", "continue=abc", 400],
    ["a version that is no number", "resourceVersion=abc", 422],
    ["a match without a version", "resourceVersionMatch=Exact", 422],
    ["a limit that is no number", "limit=few", 400],
    ["a match in the middle of a list", "continue=abc&resourceVersion=1&resourceVersionMatch=Exact", 422],
  ])("refuse %s", async (_name, query, code) => {
    expect((await gateway.get(`${configMaps}?${query}`)).code).toBe(code);
  });

  it("come as a table", async () => {
    const { body } = await gateway.get(configMaps, {
      headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    });
    expect(body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1", columnDefinitions: expect.any(Array) });
    expect(body.rows[0]).toMatchObject({
      cells: ["a", 0, expect.any(String)],
      object: { kind: "PartialObjectMetadata" },
    });
  });

  it("come as metadata only", async () => {
    const accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    const { body } = await gateway.get(configMaps, { headers: { accept } });
    expect(body).toMatchObject({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
    expect(Object.keys(body.items[0]).sort()).toEqual(["apiVersion", "kind", "metadata"]);
  });

  it("are compressed when large", async () => {
    for (const name of ["c", "d"]) await gateway.post(configMaps, configMap(name, { a: "x".repeat(100_000) }));
    const large = await gateway.get(configMaps, { headers: { "accept-encoding": "gzip" } });
    expect(large.headers["content-encoding"]).toBe("gzip");
    expect(
      (await gateway.get(`${configMaps}/a`, { headers: { "accept-encoding": "gzip" } })).headers["content-encoding"],
    ).toBeUndefined();
  });
});
