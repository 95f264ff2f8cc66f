import { describe, expect, it } from "vitest";
import { decodeObject } from "../../decode/decode-object.ts";
import { findKind } from "../../resources.ts";
import { printFieldError } from "../../validation/field-error.ts";
import { validateAccessReview } from "./validate.ts";

const pods = { resource: "pods", verb: "get" };
const path = { path: "/x", verb: "get" };

function problems(kind: string, content: object): string[] {
  const row = findKind("authorization.k8s.io", "v1", kind);
  if (!row) throw new Error(kind);
  return validateAccessReview(decodeObject(row, content, "Strict").object).map(printFieldError);
}

describe("questions about access", () => {
  it.each<[string, string, object, string[]]>([
    ["one's own", "SelfSubjectAccessReview", { spec: { resourceAttributes: pods } }, []],
    ["a path", "SelfSubjectAccessReview", { spec: { nonResourceAttributes: path } }, []],
    [
      "neither a resource nor a path",
      "SelfSubjectAccessReview",
      { spec: {} },
      [
        "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
      ],
    ],
    [
      "both",
      "SelfSubjectAccessReview",
      { spec: { resourceAttributes: pods, nonResourceAttributes: path } },
      [
        'spec.nonResourceAttributes: Invalid value: {"path":"/x","verb":"get"}: cannot be specified in combination with resourceAttributes',
      ],
    ],
    [
      "a name",
      "SelfSubjectAccessReview",
      { metadata: { name: "x" }, spec: { resourceAttributes: pods } },
      ['metadata: Invalid value: {"name":"x"}: must be empty'],
    ],
    ["somebody's", "SubjectAccessReview", { spec: { resourceAttributes: pods, user: "jane" } }, []],
    ["a group's", "SubjectAccessReview", { spec: { resourceAttributes: pods, groups: ["people"] } }, []],
    [
      "nobody's",
      "SubjectAccessReview",
      { spec: { resourceAttributes: pods } },
      ['spec.user: Invalid value: "": at least one of user or group must be specified'],
    ],
    [
      "in a namespace",
      "LocalSubjectAccessReview",
      { metadata: { namespace: "a" }, spec: { resourceAttributes: { ...pods, namespace: "a" }, user: "jane" } },
      [],
    ],
    [
      "in another namespace",
      "LocalSubjectAccessReview",
      { metadata: { namespace: "a" }, spec: { resourceAttributes: { ...pods, namespace: "b" }, user: "jane" } },
      ['spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace'],
    ],
    [
      "a path in a namespace",
      "LocalSubjectAccessReview",
      { metadata: { namespace: "a" }, spec: { nonResourceAttributes: path, user: "jane" } },
      ['spec.nonResourceAttributes: Invalid value: {"path":"/x","verb":"get"}: disallowed on this kind of request'],
    ],
  ])("%s", (_sentence, kind, content, expected) => {
    expect(problems(kind, content)).toEqual(expected);
  });
});
