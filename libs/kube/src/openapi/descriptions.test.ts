import { describe, expect, it } from "vitest";
import { descriptionsByType } from "./descriptions.ts";
import { groupVersions, makeOpenApiV3 } from "./openapi-v3.ts";

interface ObjectSchema {
  readonly description?: string;
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
}

/** Every type that a document of ours names: the kinds, what is below them and the bodies of their subresources. */
const types = new Map(
  groupVersions().flatMap(
    ({ group, version }) =>
      Object.entries(makeOpenApiV3(group, version).components.schemas) as unknown as [string, ObjectSchema][],
  ),
);

describe("descriptions", () => {
  it("the documents have the bodies of subresources, too", () => {
    const bodies = ["autoscaling.v1.Scale", "authentication.v1.TokenRequest", "policy.v1.Eviction", "core.v1.Taint"];
    expect([...types.keys()]).toEqual(expect.arrayContaining(bodies.map((name) => `io.k8s.api.${name}`)));
  });

  it("every type has one", () => {
    expect([...types].filter(([, type]) => !type.description).map(([name]) => name)).toEqual([]);
  });

  it("every field has one", () => {
    const missing = [...types].flatMap(([name, { properties }]) =>
      Object.entries(properties).flatMap(([field, { description }]) => (description ? [] : [`${name} ${field}`])),
    );
    expect(missing).toEqual([]);
  });

  it("none is of a type or field that does not exist", () => {
    const stale = Object.entries(descriptionsByType).flatMap(([name, fields]) =>
      Object.keys(fields).flatMap((field) =>
        field === "" || types.get(name)?.properties[field] ? [] : [`${name} ${field}`],
      ),
    );
    expect(stale).toEqual([]);
    expect(Object.keys(descriptionsByType).filter((name) => !types.has(name))).toEqual([]);
  });
});
