import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { deployments } from "../kinds/deployment/resource.ts";
import { pods } from "../kinds/pod/resource.ts";
import type { KubeObject, ObjectMeta } from "../schema/meta.ts";
import { compareFields } from "./compare.ts";
import { type FieldsV1, fromFieldsV1, isEmptySet, placesOf, printPlace, toFieldsV1 } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { applyFields, conflictMessage, type Manager, trackUpdate } from "./managers.ts";

const schema = pods.schema as unknown as z.core.$ZodTypes;
const nowMs = Date.parse("2026-01-01T00:00:00Z");
const time = "2026-01-01T00:00:00Z";

const update = (name: string): Manager => ({ name, operation: "Update", subresource: "" });
const apply = (name: string): Manager => ({ name, operation: "Apply", subresource: "" });

interface Shape {
  readonly labels?: Record<string, string>;
  readonly containers?: object[];
  readonly finalizers?: string[];
}

function pod({ labels, containers, finalizers }: Shape, managedFields?: ObjectMeta["managedFields"]): KubeObject {
  const metadata = {
    name: "p",
    ...(labels ? { labels } : {}),
    ...(finalizers ? { finalizers } : {}),
    ...(managedFields ? { managedFields } : {}),
  };
  const object = { apiVersion: "v1", kind: "Pod", metadata };
  return (containers ? { ...object, spec: { containers } } : object) as KubeObject;
}

const places = (fields: FieldsV1 | undefined) => placesOf(fromFieldsV1(fields ?? {})).map(printPlace);

describe("the fields of an object", () => {
  it("are told apart as Kubernetes tells them apart", () => {
    const object = {
      metadata: { labels: { app: "web" }, finalizers: ["a/b"] },
      spec: {
        nodeSelector: { disk: "ssd" },
        tolerations: [{ key: "x" }],
        containers: [{ name: "c", image: "i", ports: [{ containerPort: 80 }], resources: {} }],
      },
    };
    expect(toFieldsV1(fieldsOf(object, schema))).toEqual({
      "f:metadata": { "f:finalizers": { 'v:"a/b"': {} }, "f:labels": { "f:app": {} } },
      "f:spec": {
        "f:containers": {
          'k:{"name":"c"}': {
            ".": {},
            "f:image": {},
            "f:name": {},
            "f:ports": {
              'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} },
            },
            "f:resources": {},
          },
        },
        "f:nodeSelector": {},
        "f:tolerations": {},
      },
    });
  });

  it("come back from their text as they were", () => {
    const value = fc.record({
      metadata: fc.record({ labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.string(), { maxKeys: 3 }) }),
      spec: fc.record({
        containers: fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-c]$/), image: fc.string() }), {
          selector: ({ name }) => name,
        }),
      }),
    });
    fc.assert(
      fc.property(value, (object) => {
        const text = toFieldsV1(fieldsOf(object, schema));
        expect(toFieldsV1(fromFieldsV1(JSON.parse(JSON.stringify(text))))).toEqual(text);
        const { changed, removed } = compareFields(object, object, schema);
        expect([isEmptySet(changed), isEmptySet(removed)]).toEqual([true, true]);
      }),
    );
  });

  it.each([
    ["a text", "x"],
    ["a list", []],
    ["an element of no kind", { "x:y": {} }],
  ])("%s is no set", (_what, text) => {
    expect(() => fromFieldsV1(text)).toThrow(RangeError);
  });
});

describe("an update", () => {
  const created = trackUpdate(pods, { next: pod({ labels: { a: "1" } }) }, { manager: update("one"), nowMs });

  it("that creates owns all that there is, and nothing of the system's", () => {
    expect(created.metadata.managedFields).toEqual([
      {
        manager: "one",
        operation: "Update",
        apiVersion: "v1",
        time,
        fieldsType: "FieldsV1",
        fieldsV1: { "f:metadata": { "f:labels": { ".": {}, "f:a": {} } } },
      },
    ]);
  });

  it("takes what it changes, adds and removes from the others", () => {
    const next = pod({ labels: { a: "2", b: "1" } });
    const { metadata } = trackUpdate(pods, { previous: created, next }, { manager: update("two"), nowMs });
    expect(metadata.managedFields?.map(({ manager, fieldsV1 }) => [manager, places(fieldsV1 as FieldsV1)])).toEqual([
      ["one", [".metadata.labels"]],
      ["two", [".metadata.labels.a", ".metadata.labels.b"]],
    ]);
  });

  it("that changes nothing leaves everything, times included", () => {
    const again = trackUpdate(
      pods,
      { previous: created, next: pod({ labels: { a: "1" } }) },
      { manager: update("two"), nowMs: nowMs + 5000 },
    );
    expect(again.metadata.managedFields).toEqual(created.metadata.managedFields);
  });

  it("with owners of its own is believed, and with one that is empty they are forgotten", () => {
    const next = pod({ labels: { a: "1" } });
    const by = { manager: update("two"), nowMs };
    const reset = trackUpdate(pods, { previous: created, next, given: [{}] }, by);
    expect(reset.metadata.managedFields).toBeUndefined();
  });

  it("only the newest managers are kept apart", () => {
    let object = created;
    for (let turn = 0; turn < 15; turn++) {
      const next = pod({ labels: { ...object.metadata.labels, [`l${turn}`]: "x" } });
      object = trackUpdate(
        pods,
        { previous: object, next },
        { manager: update(`m${turn}`), nowMs: nowMs + turn * 1000 },
      );
    }
    const managers = object.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers).toHaveLength(10);
    expect(managers?.[0]).toBe("ancient-changes");
  });
});

describe("an apply", () => {
  const nothing = pod({});
  function applied(live: KubeObject, wanted: Shape, options: { by?: string; force?: boolean } = {}) {
    const { by = "me", force = false } = options;
    const outcome = applyFields(pods, { live, applied: pod(wanted) }, { manager: apply(by), nowMs, force });
    if (outcome.kind === "conflict") return outcome.conflicts;
    const { metadata, ...rest } = outcome.object;
    const { managedFields } = outcome;
    return { ...rest, metadata: { ...metadata, ...(managedFields ? { managedFields } : {}) } } as KubeObject;
  }
  const objectOf = (outcome: ReturnType<typeof applied>): KubeObject => {
    if (Array.isArray(outcome)) throw new Error("a conflict");
    return outcome as KubeObject;
  };
  const c = (name: string, image = "i") => ({ name, image });

  it("twice is the same as once", () => {
    const once = objectOf(applied(nothing, { labels: { a: "1" }, containers: [c("x")] }));
    expect(applied(once, { labels: { a: "1" }, containers: [c("x")] })).toEqual(once);
  });

  it("that no longer names something removes it", () => {
    const once = objectOf(applied(nothing, { labels: { a: "1", b: "2" }, containers: [c("x"), c("y")] }));
    const less = objectOf(applied(once, { labels: { a: "1" }, containers: [c("x")] }));
    expect(less).toMatchObject({ metadata: { labels: { a: "1" } }, spec: { containers: [c("x")] } });
  });

  it("leaves what somebody else wants, too", () => {
    const mine = objectOf(applied(nothing, { labels: { a: "1" } }));
    const shared = objectOf(applied(mine, { labels: { a: "1" } }, { by: "you" }));
    expect(objectOf(applied(shared, {})).metadata.labels).toEqual({ a: "1" });
    expect(objectOf(applied(objectOf(applied(shared, {})), {}, { by: "you" })).metadata.labels).toBeUndefined();
  });

  it("of another value than somebody else's is a conflict, unless by force", () => {
    const theirs = trackUpdate(
      pods,
      { next: pod({ labels: { a: "1" }, containers: [c("x")] }) },
      { manager: update("kubectl-edit"), nowMs },
    );
    const wanted = { labels: { a: "2" }, containers: [c("x", "other")] };
    const conflicts = applied(theirs, wanted);
    expect(conflicts).toEqual([
      { manager: '"kubectl-edit" using v1', field: ".metadata.labels.a" },
      { manager: '"kubectl-edit" using v1', field: '.spec.containers[name="x"].image' },
    ]);
    expect(conflictMessage(conflicts as never)).toBe(
      'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using v1:\n- .metadata.labels.a\n- .spec.containers[name="x"].image',
    );
    const forced = objectOf(applied(theirs, wanted, { force: true }));
    expect(forced).toMatchObject({ metadata: { labels: { a: "2" } }, spec: { containers: [c("x", "other")] } });
    expect(applied(forced, wanted)).toEqual(forced);
  });

  it("of the same value is none: both own it", () => {
    const theirs = trackUpdate(pods, { next: pod({ labels: { a: "1" } }) }, { manager: update("kubectl-edit"), nowMs });
    const both = objectOf(applied(theirs, { labels: { a: "1" } }));
    expect(both.metadata.managedFields?.map(({ manager }) => manager)).toEqual(["me", "kubectl-edit"]);
  });

  it("one conflict is said in one line", () => {
    expect(conflictMessage([{ manager: '"x" using v1', field: ".data.a" }])).toBe(
      'Apply failed with 1 conflict: conflict with "x" using v1: .data.a',
    );
  });

  it("any sequence of applies leaves what the last of each manager wants", () => {
    const labels = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), { maxKeys: 3 });
    const step = fc.record({ by: fc.constantFrom("me", "you"), labels });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        let live = nothing;
        const last: Record<string, Record<string, string>> = {};
        for (const { by, labels: wanted } of steps) {
          live = objectOf(applied(live, { labels: wanted }, { by, force: true }));
          last[by] = wanted;
          for (const [key, value] of Object.entries(wanted)) expect(live.metadata.labels?.[key]).toBe(value);
        }
        const wantedKeys = new Set(Object.values(last).flatMap((each) => Object.keys(each)));
        for (const key of Object.keys(live.metadata.labels ?? {})) expect(wantedKeys.has(key)).toBe(true);
      }),
    );
  });
});

it("a Deployment's selector is one value", () => {
  const both = (app: string) => ({ spec: { selector: { matchLabels: { app } } } });
  const { changed } = compareFields(both("a"), both("b"), deployments.schema as unknown as z.core.$ZodTypes);
  expect(placesOf(changed).map(printPlace)).toEqual([".spec.selector"]);
});
