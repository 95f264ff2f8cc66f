import { describe, expect, it } from "vitest";
import { openApiV3Document, openApiV3Index } from "../openapi/openapi-v3.ts";
import { resources } from "../resources.ts";
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from "./discovery.ts";

describe("discovery", () => {
  it("the core group is under /api, the others under /apis", () => {
    expect(apiVersions().versions).toEqual(["v1"]);
    expect(apiGroupList().groups.map((group) => group.name)).toContain("coordination.k8s.io");
    expect(apiGroupList().groups.map((group) => group.name)).not.toContain("");
  });

  it("a group tells its preferred version, an unknown one is nothing", () => {
    expect(apiGroup("coordination.k8s.io")?.preferredVersion).toEqual({
      groupVersion: "coordination.k8s.io/v1",
      version: "v1",
    });
    expect(apiGroup("example.com")).toBeUndefined();
  });

  it("pods are listed as Kubernetes lists them, with their subresources", () => {
    const listed = apiResourceList("", "v1")?.resources ?? [];
    expect(listed.find((each) => each.name === "pods")).toMatchObject({
      singularName: "pod",
      namespaced: true,
      kind: "Pod",
      shortNames: ["po"],
      categories: ["all"],
    });
    expect(listed.find((each) => each.name === "pods/eviction")).toMatchObject({
      group: "policy",
      version: "v1",
      kind: "Eviction",
    });
    expect(apiResourceList("", "v2")).toBeUndefined();
  });

  it("the aggregated documents name every resource of the table once", () => {
    const named = (["api", "apis"] as const)
      .flatMap((root) => aggregatedDiscovery(root).items)
      .flatMap((group) => group.versions.flatMap((version) => version.resources.map((each) => each.responseKind)));
    expect(named).toHaveLength(resources.length);
    for (const { group, version, kind } of resources) expect(named).toContainEqual({ group, version, kind });
  });
});

describe("OpenAPI v3", () => {
  const index = openApiV3Index().paths as Record<string, { serverRelativeURL: string }>;
  const document = (group: string, version: string): OpenApiDocument =>
    JSON.parse(Buffer.from(openApiV3Document(group, version)?.body ?? []).toString());
  interface OpenApiDocument {
    paths: Record<string, Record<string, { parameters: { name: string }[] }>>;
    components: {
      schemas: Record<string, { properties?: Record<string, object>; "x-kubernetes-group-version-kind"?: object[] }>;
    };
  }

  it("the index links each group version with a hash of its document", () => {
    expect(Object.keys(index)).toEqual(expect.arrayContaining(["api/v1", "apis/coordination.k8s.io/v1"]));
    expect(index["api/v1"]?.serverRelativeURL).toMatch(/^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{64}$/);
  });

  it("a pod's type carries its kind and its lists their merge keys", () => {
    const { schemas } = document("", "v1").components;
    expect(schemas["io.k8s.api.core.v1.Pod"]?.["x-kubernetes-group-version-kind"]).toContainEqual(
      expect.objectContaining({ group: "", version: "v1", kind: "Pod" }),
    );
    expect(schemas["io.k8s.api.core.v1.PodSpec"]?.properties?.containers).toMatchObject({
      type: "array",
      items: { $ref: "#/components/schemas/io.k8s.api.core.v1.Container" },
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge",
    });
  });

  it("names the API's version as text, which kubectl insists on", () => {
    expect(document("", "v1")).toMatchObject({
      openapi: "3.0.0",
      info: { version: expect.stringMatching(/^v1/) },
    });
  });

  it("every reference leads somewhere", () => {
    for (const { group, version } of resources) {
      const { schemas } = document(group, version).components;
      for (const [, name] of JSON.stringify(document(group, version)).matchAll(/#\/components\/schemas\/([^"]+)/g)) {
        expect(schemas).toHaveProperty([name ?? ""]);
      }
    }
  });

  it("patch takes fieldValidation, which kubectl looks for", () => {
    const patch = document("", "v1").paths["/api/v1/namespaces/{namespace}/pods/{name}"]?.patch;
    expect(patch?.parameters.map((each) => each.name)).toContain("fieldValidation");
  });

  it("an unknown group version has no document", () => {
    expect(openApiV3Document("example.com", "v1")).toBeUndefined();
  });
});
