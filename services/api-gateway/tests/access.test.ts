import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { createServer } from "node:net";
import { systemClock } from "@podbus/clock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../src/http/listen.ts";
import {
  authorityPem,
  type GatewayFixture,
  gatewayFixture,
  people,
  podManifest,
  serverCertificate,
} from "./gateway-fixture.ts";

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe("who may ask what", () => {
  it.each([
    ["nobody", "/healthz", 200],
    ["nobody", "/livez", 200],
    ["nobody", "/readyz", 200],
    ["nobody", "/version", 200],
    ["nobody", "/api", 401],
    ["nobody", "/api/v1/namespaces/default/pods", 401],
    ["stranger", "/api/v1/namespaces/default/pods", 401],
    ["jane", "/api", 200],
    ["jane", "/apis/coordination.k8s.io/v1", 200],
    ["jane", "/api/v1/namespaces/default/pods", 403],
    ["admin", "/api/v1/namespaces/default/pods", 200],
  ] as const)("%s %s is %i", async (as, path, code) => {
    expect((await gateway.get(path, { as })).code).toBe(code);
  });

  it("says it in Kubernetes' words", async () => {
    const nobody = await gateway.get("/api/v1/pods", { as: "nobody" });
    expect(nobody.body).toMatchObject({ kind: "Status", reason: "Unauthorized", message: "Unauthorized", code: 401 });
    const jane = await gateway.post("/api/v1/namespaces/default/pods", podManifest(), { as: "jane" });
    expect([jane.code, jane.body.message]).toEqual([
      403,
      'pods is forbidden: User "jane" cannot create resource "pods" in API group "" in the namespace "default"',
    ]);
  });
});

describe("documents", () => {
  it.each([
    ["/version", { major: "1", gitVersion: expect.stringMatching(/^v1\.\d+/) }],
    ["/api", { kind: "APIVersions", versions: ["v1"] }],
    ["/apis", { kind: "APIGroupList" }],
    ["/apis/coordination.k8s.io", { kind: "APIGroup", name: "coordination.k8s.io" }],
    ["/api/v1", { kind: "APIResourceList", groupVersion: "v1" }],
    ["/openapi/v3", { paths: { "api/v1": { serverRelativeURL: expect.stringContaining("/openapi/v3/api/v1") } } }],
    ["/openapi/v3/api/v1", { openapi: "3.0.0" }],
    ["/", { paths: expect.arrayContaining(["/api", "/apis"]) }],
  ])("%s", async (path, expected) => {
    const { code, body } = await gateway.get(path);
    expect(code).toBe(200);
    expect(body).toMatchObject(expected);
  });

  it("discovery comes at once to who asks for it so", async () => {
    const accept =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
    const { headers, body } = await gateway.get("/api", { headers: { accept } });
    expect(headers["content-type"]).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    expect(body).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
  });

  it.each(["/api/v2", "/apis/nothing.example", "/apis/nothing.example/v1", "/openapi/v3/api/v9", "/api/v1/pods/x/y/z"])(
    "%s is not there",
    async (path) => {
      const { code, body } = await gateway.get(path);
      expect([code, body.reason]).toEqual([404, "NotFound"]);
    },
  );
});

describe("namespaces", () => {
  it("have a default account and the API's authority; the first four are there from the start", async () => {
    const { body } = await gateway.get("/api/v1/namespaces");
    const names = body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(names).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    expect((await gateway.get("/api/v1/namespaces/kube-system/serviceaccounts/default")).code).toBe(200);
    const authority = await gateway.get("/api/v1/namespaces/default/configmaps/kube-root-ca.crt");
    expect(authority.body.data["ca.crt"]).toBe(authorityPem);
  });

  it("the important ones stay", async () => {
    const { code, body } = await gateway.delete("/api/v1/namespaces/kube-system");
    expect([code, body.message]).toEqual([
      403,
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    ]);
  });

  it("take what is in them along, pods last, and let nothing new in meanwhile", async () => {
    const path = "/api/v1/namespaces/going";
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "going" } };
    await gateway.post("/api/v1/namespaces", namespace);
    const held = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "held", finalizers: ["example.com/hold"] } };
    await gateway.post(`${path}/configmaps`, held);
    await gateway.post(`${path}/pods`, podManifest());
    const { code, body } = await gateway.delete(path);
    expect([code, body.status.phase, body.metadata.deletionTimestamp]).toEqual([
      200,
      "Terminating",
      expect.any(String),
    ]);
    const refused = await gateway.post(`${path}/pods`, podManifest("late"));
    expect([refused.code, refused.body.message]).toEqual([
      403,
      'pods "late" is forbidden: unable to create new content in namespace going because it is being terminated',
    ]);
    await expect.poll(async () => (await gateway.get(`${path}/pods/x`)).code).toBe(404);
    expect((await gateway.get(path)).code).toBe(200);
    await gateway.patch(`${path}/configmaps/held`, "merge", { metadata: { finalizers: null } });
    await expect.poll(async () => (await gateway.get(path)).code).toBe(404);
  });
});

describe("transport", () => {
  it("speaks HTTP/2, too", async () => {
    const { certificatePem: cert, keyPem: key } = people.admin;
    const session = connectHttp2(`https://127.0.0.1:${gateway.port}`, { ca: authorityPem, cert, key });
    const stream = session.request({ ":path": "/api/v1/namespaces/default" });
    const [headers] = await once(stream, "response");
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    session.close();
    expect(headers[":status"]).toBe(200);
    expect(JSON.parse(Buffer.concat(chunks).toString()).metadata.name).toBe("default");
  });

  it.each(["//", "//x:y", "/%zz", "/api/v1/namespaces/%ff/pods/%", "/api/v1/pods?%zz=%"])(
    "%s is answered like any other",
    async (path) => {
      expect([200, 404]).toContain((await gateway.get(path)).code);
    },
  );

  it("names a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const { certificatePem, keyPem } = serverCertificate;
    const options = {
      clock: systemClock,
      certificatePem,
      keyPem,
      clientAuthorityPem: authorityPem,
      onRequest: () => {},
      onUpgrade: () => {},
    };
    await expect(listen({ ...options, host: "127.0.0.1", port })).rejects.toThrow(`port ${port} on 127.0.0.1 is taken`);
    other.close();
  });
});

describe("traces", () => {
  it("a pod's creation is one trace, stored in the pod and told to the client", async () => {
    const { headers, body } = await gateway.post(
      "/api/v1/namespaces/default/pods",
      podManifest("traced", { metadata: { name: "traced", annotations: { "podbus.dev/traceparent": "forged" } } }),
    );
    const traceId = headers["podbus-trace-id"] as string;
    expect(body.metadata.annotations["podbus.dev/traceparent"]).toContain(traceId);
    await expect
      .poll(() => gateway.traces.edges(traceId))
      .toEqual([
        "api-gateway:POST pods",
        "api-gateway:admission → api-gateway:POST pods",
        "api-gateway:store write → api-gateway:POST pods",
        "scheduler-admission:Admission.Review → api-gateway:admission",
      ]);
  });

  it("a client's own trace is continued", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const { body } = await gateway.post("/api/v1/namespaces/default/pods", podManifest("joined"), {
      headers: { traceparent },
    });
    expect(body.metadata.annotations["podbus.dev/traceparent"]).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
  });

  it("an eviction is one trace, from the request to the deletion that the pod carries", async () => {
    const pods = "/api/v1/namespaces/default/pods";
    await gateway.post(pods, podManifest("evicted"));
    await gateway.bind("evicted", "n1");
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "evicted" } };
    const { code, headers } = await gateway.post(`${pods}/evicted/eviction`, eviction);
    expect(code).toBe(201);
    const traceId = headers["podbus-trace-id"] as string;
    await expect
      .poll(() => gateway.traces.edges(traceId))
      .toEqual([
        "api-gateway:POST pods/eviction",
        "api-gateway:PodApi.DeletePod → scheduler-admission:Eviction.Evict",
        "scheduler-admission:Eviction.Evict → api-gateway:POST pods/eviction",
      ]);
    const { body: pod } = await gateway.get(`${pods}/evicted`);
    expect(pod.metadata.annotations["podbus.dev/deletion-traceparent"]).toContain(traceId);
    expect(pod.status.conditions).toContainEqual(
      expect.objectContaining({ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" }),
    );
  });

  it("a refused eviction is told as it is", async () => {
    const pods = "/api/v1/namespaces/default/pods";
    await gateway.post(pods, podManifest("protected"));
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "protected" } };
    const { code, body } = await gateway.post(`${pods}/protected/eviction`, eviction);
    expect([code, body.reason, body.details.causes[0].reason]).toEqual([429, "TooManyRequests", "DisruptionBudget"]);
    expect((await gateway.post(`${pods}/none/eviction`, { ...eviction, metadata: { name: "none" } })).code).toBe(404);
  });
});
