import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { encodeGnostic } from "./gnostic.ts";
import { makeOpenApiV2, openApiV2Json, openApiV2Protobuf } from "./openapi-v2.ts";

/** The document as JSON text tells it: what a client reads. */
const document = JSON.parse(Buffer.from(openApiV2Json().body).toString());
const core = (name: string) => document.definitions[`io.k8s.api.core.v1.${name}`];

describe("OpenAPI v2", () => {
  it("has the kinds of all groups with their group, version and kind", () => {
    const named = Object.values(document.definitions as Record<string, Record<string, object[]>>).flatMap(
      (each) => each["x-kubernetes-group-version-kind"] ?? [],
    );
    expect(named).toContainEqual({ group: "", version: "v1", kind: "Pod" });
    expect(named).toContainEqual({ group: "apps", version: "v1", kind: "Deployment" });
    expect(named).toContainEqual({ group: "autoscaling", version: "v1", kind: "Scale" });
  });

  it("a reference has its description beside it", () => {
    expect(core("Pod").properties.spec).toEqual({
      description: "What is to run, and how.",
      $ref: "#/definitions/io.k8s.api.core.v1.PodSpec",
    });
  });

  it("a list keeps how it merges", () => {
    expect(core("Container").properties.ports).toMatchObject({
      "x-kubernetes-patch-merge-key": "containerPort",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
    });
    expect(core("Container").properties.command).toMatchObject({ "x-kubernetes-list-type": "atomic" });
  });

  it("a map or type that only goes as a whole says so", () => {
    expect(core("PodSpec").properties.nodeSelector).toMatchObject({ "x-kubernetes-map-type": "atomic" });
    expect(core("SecretKeySelector")).toMatchObject({ "x-kubernetes-map-type": "atomic" });
  });

  it("a text or number is a text, which lets old kubectl take both", () => {
    expect(core("HTTPGetAction").properties.port).toMatchObject({ type: "string", format: "int-or-string" });
    expect(core("ResourceRequirements").properties.limits.additionalProperties).toEqual({ type: "string" });
  });

  it("no word of version 3 is left", () => {
    const text = JSON.stringify(document);
    for (const word of ["#/components", "oneOf", "allOf", "requestBody"]) expect(text).not.toContain(`"${word}`);
  });

  it("every reference leads to a definition", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(500);
    expect(references.map(([, name]) => name as string).filter((name) => !document.definitions[name])).toEqual([]);
  });

  it("a patch names its kind, its content types and that it can be a dry run", () => {
    const { patch } = document.paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"];
    expect(patch["x-kubernetes-group-version-kind"]).toEqual({ group: "apps", version: "v1", kind: "Deployment" });
    expect(patch.consumes).toContain("application/apply-patch+yaml");
    expect(patch.parameters).toContainEqual({ name: "dryRun", in: "query", type: "string", uniqueItems: true });
  });

  it.each([
    ["/api/v1/namespaces/{namespace}/pods/{name}/log", ["get"]],
    ["/api/v1/namespaces/{namespace}/pods/{name}/exec", ["get", "post"]],
    ["/api/v1/namespaces/{namespace}/pods/{name}/attach", ["get", "post"]],
    ["/api/v1/namespaces/{namespace}/pods/{name}/portforward", ["get", "post"]],
    ["/api/v1/namespaces/{namespace}/pods/{name}/proxy/{path}", ["delete", "get", "patch", "post", "put"]],
    ["/api/v1/namespaces/{namespace}/pods/{name}/eviction", ["post"]],
    ["/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", ["post"]],
    ["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", ["get", "patch", "put"]],
  ])("%s is served with %j", (path, methods) => {
    const { parameters, ...operations } = document.paths[path];
    expect(Object.keys(operations).sort()).toEqual(methods);
    expect(parameters.length).toBeGreaterThan(1);
  });
});

describe("gnostic's form", () => {
  it("has every definition and path of the document", () => {
    const [paths] = parts(openApiV2Protobuf().body, [8]);
    const [definitions] = parts(openApiV2Protobuf().body, [9]);
    const names = (bytes: Uint8Array, number: number) =>
      parts(bytes, [number, 1]).map((each) => Buffer.from(each).toString());
    const { paths: pathItems, definitions: schemas } = makeOpenApiV2();
    expect(names(paths as Uint8Array, 2)).toEqual(Object.keys(pathItems));
    expect(names(definitions as Uint8Array, 1)).toEqual(Object.keys(schemas));
  });

  it("a vendor extension is YAML in an Any", () => {
    const bytes = encodeGnostic({ definitions: { Thing: { "x-kubernetes-patch-merge-key": "name" } } });
    const text = (path: number[]) => parts(bytes, path).map((each) => Buffer.from(each).toString());
    // definitions, NamedSchema, Schema, vendor_extension, then its name or Any.yaml.
    expect(text([9, 1, 2, 31, 1])).toEqual(["x-kubernetes-patch-merge-key"]);
    expect(text([9, 1, 2, 31, 2, 2])).toEqual(['"name"']);
  });

  it.each([
    ["a word that it has no place for", { definitions: { Thing: { oneOf: [] } } }, "oneOf has no place"],
    [
      "a parameter in an unknown place",
      { paths: { "/": { get: { parameters: [{ in: "cookie", name: "a" }] } } } },
      "a parameter in cookie has no place",
    ],
  ])("refuses %s", (_, bad, message) => {
    expect(() => encodeGnostic(bad)).toThrow(message);
  });
});

/** The bytes of all fields at a path of field numbers. */
function parts(bytes: Uint8Array, [number, ...rest]: readonly number[]): Uint8Array[] {
  if (number === undefined) return [bytes];
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === number && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType);
  }
  return found.flatMap((each) => parts(each, rest));
}
