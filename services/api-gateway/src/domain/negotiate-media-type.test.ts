import { describe, expect, it } from "vitest";
import { type Negotiated, negotiateMediaType } from "./negotiate-media-type.ts";

const json: Negotiated = { format: "json", as: "object", version: "" };
const table: Negotiated = { format: "json", as: "Table", version: "v1" };
const kubectlGet =
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

const cases: Record<string, [string | undefined, Negotiated | undefined]> = {
  "no header is JSON": [undefined, json],
  "anything is JSON": ["*/*", json],
  "application/* is JSON": ["application/*", json],
  "kubectl get asks for a table first": [kubectlGet, table],
  yaml: ["application/yaml", { ...json, format: "yaml" }],
  "protobuf with JSON as second choice": ["application/vnd.kubernetes.protobuf,application/json", json],
  "protobuf alone is not acceptable": ["application/vnd.kubernetes.protobuf", undefined],
  "text is not acceptable": ["text/html", undefined],
  "a table of an unknown version falls through": [
    "application/json;as=Table;v=v9;g=meta.k8s.io,application/json",
    json,
  ],
  "a table of another group is not acceptable": ["application/json;as=Table;v=v1;g=x", undefined],
  "an unknown transformation is not acceptable": ["application/json;as=Poem;v=v1;g=meta.k8s.io", undefined],
  "metadata of a list": [
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    { ...json, as: "PartialObjectMetadata", version: "v1" },
  ],
  "the better quality wins": ["application/json;q=0.5,application/yaml;q=0.9", { ...json, format: "yaml" }],
};

describe("negotiateMediaType", () => {
  it.each(Object.entries(cases))("%s", (_name, [accept, expected]) => {
    expect(negotiateMediaType(accept, ["Table", "PartialObjectMetadata"])).toEqual(expected);
  });

  it("offers aggregated discovery only where it is served", () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    expect(negotiateMediaType(accept, ["Table"])).toBeUndefined();
    expect(negotiateMediaType(accept, ["APIGroupDiscoveryList"])).toEqual({
      format: "json",
      as: "APIGroupDiscoveryList",
      version: "v2",
    });
  });
});
