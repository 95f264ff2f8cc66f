import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configMaps } from "../kinds/config-map/resource.ts";
import { events } from "../kinds/event/resource.ts";
import { podWith } from "../kinds/pod/pod-fixture.ts";
import { pods } from "../kinds/pod/resource.ts";
import { StatusError } from "../status/status-error.ts";
import { checkFieldSelector, parseFieldSelector } from "./field-selector.ts";
import { labelSelectorMatches, parseLabelSelector } from "./label-selector.ts";

describe("label selectors", () => {
  const labels = { app: "web", tier: "front", n: "5", empty: "" };
  it.each([
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web", true],
    ["app=db", false],
    ["app!=db", true],
    ["missing!=x", true],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["app in (web, db)", true],
    ["app in(db)", false],
    ["app notin (db)", true],
    ["missing notin (db)", true],
    ["missing in (db)", false],
    ["app=web,tier=front", true],
    ["app=web,tier=back", false],
    ["n>4", true],
    ["n<4", false],
    ["app>4", false],
    ["empty=", true],
    ["empty in ()", true],
    ["in=x", false],
    ["toString", false],
  ])("%j on a web pod: %s", (text, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected);
  });

  it.each([
    "a b",
    "=a",
    "a in b",
    "a in (b",
    "a,",
    ",a",
    "a=b=c",
    "a=b c",
    "!",
    "a>b",
    "-a=b",
    "a=-",
    "a in (b,",
    "(a)",
    "a!b",
  ])("%j is refused", (text) => {
    expect(() => parseLabelSelector(text)).toThrow(StatusError);
  });

  it("without labels only absence matches", () => {
    expect(parseLabelSelector("a").matches(undefined)).toBe(false);
    expect(parseLabelSelector("!a").matches(undefined)).toBe(true);
  });

  it.each([
    ["no selector matches nothing", undefined, false],
    ["an empty one matches everything", {}, true],
    [
      "all requirements must hold",
      { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "Exists" }] },
      true,
    ],
    ["NotIn", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, false],
    ["DoesNotExist", { matchExpressions: [{ key: "x", operator: "DoesNotExist" }] }, true],
  ])("object: %s", (_sentence, selector, expected) => {
    expect(labelSelectorMatches(selector, labels)).toBe(expected);
  });

  it("any text is a selector or a BadRequest", () => {
    const pieces = fc.array(
      fc.constantFrom("a", "b", "in", "notin", "(", ")", ",", "=", "!=", "!", "<", ">", " ", "5"),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((one) => one.join("")),
        ),
        (text) => {
          try {
            parseLabelSelector(text).matches({ a: "b" });
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(StatusError);
          }
        },
      ),
    );
  });
});

describe("field selectors", () => {
  const fields = { ...pods.selectableFields({ ...podWith({ nodeName: "n1" }), status: { phase: "Running" } }) };
  it.each([
    ["", true],
    ["spec.nodeName=n1", true],
    ["spec.nodeName==n1", true],
    ["spec.nodeName!=n1", false],
    ["spec.nodeName=n1,status.phase!=Succeeded", true],
    ["metadata.name=web", true],
    ["spec.restartPolicy=Always", true],
    ["spec.hostNetwork=false", true],
    ["status.podIP=", true],
  ])("%j on a running pod: %s", (text, expected) => {
    expect(parseFieldSelector(text).matches(fields)).toBe(expected);
  });

  it("commas and backslashes can be part of a value", () => {
    expect(parseFieldSelector("reason=a\\,b\\\\c").requirements).toEqual([
      { field: "reason", operator: "=", value: "a,b\\c" },
    ]);
  });

  it.each(["a", "a,b", "a=b=c", "a=\\x"])("%j is refused", (text) => {
    expect(() => parseFieldSelector(text)).toThrow(/invalid selector/);
  });

  it("fields that cannot be selected are refused in Kubernetes' words", () => {
    expect(() => checkFieldSelector(pods, parseFieldSelector("spec.foo=a"))).toThrow(
      "field label not supported: spec.foo",
    );
    expect(() => checkFieldSelector(configMaps, parseFieldSelector("data=a"))).toThrow(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(() =>
      checkFieldSelector(events, parseFieldSelector("involvedObject.uid=a,reason=b,source=c,type=d")),
    ).not.toThrow();
  });

  it("any text is a selector or a BadRequest", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFieldSelector(text).matches(fields);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});
