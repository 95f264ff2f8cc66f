import type { KubeObject } from "@podbus/kube";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeContinue, encodeContinue } from "./continue-token.ts";
import { decideListPage, type PageOptions } from "./list-page.ts";

const object = (namespace: string, name: string, order = 0): KubeObject & { order: number } => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: { namespace, name },
  order,
});
const plain: PageOptions["resource"] = { fromStored: (stored) => stored };
const ordered: PageOptions["resource"] = { ...plain, listOrder: (stored) => (stored as { order?: number }).order ?? 0 };

function pagesOf(objects: readonly KubeObject[], resource: PageOptions["resource"], limit: number): KubeObject[][] {
  const pages: KubeObject[][] = [];
  let after: PageOptions["after"];
  for (;;) {
    const page = decideListPage(objects, {
      resource,
      limit,
      revision: 7,
      selective: false,
      ...(after ? { after } : {}),
    });
    pages.push([...page.objects]);
    const token = page.metadata.continue;
    if (token === undefined) return pages;
    const position = decodeContinue(token);
    if (typeof position === "string") throw new Error(position);
    after = position.after;
  }
}

const key = fc.record({
  namespace: fc.constantFrom("a", "a-b", "b"),
  name: fc.stringMatching(/^[a-c]{1,2}$/),
  order: fc.nat(3),
});

describe("pages", () => {
  it("together are the whole list, in its order", () => {
    const lists = fc.uniqueArray(key, { selector: ({ namespace, name }) => `${namespace}/${name}`, maxLength: 20 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 5 }), fc.constantFrom(plain, ordered), (keys, limit, resource) => {
        const text = (of: { namespace: string; name: string }) => `${of.namespace}\0${of.name}`;
        const sorted = keys.sort((a, b) => (text(a) < text(b) ? -1 : 1));
        const objects = sorted.map(({ namespace, name, order }) => object(namespace, name, order));
        const whole = decideListPage(objects, { resource, limit: 0, revision: 7, selective: false }).objects;
        const pages = pagesOf(objects, resource, limit);
        expect(pages.flat()).toEqual(whole);
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      }),
    );
  });

  it("say how many are left, unless there is a selector", () => {
    const objects = [object("a", "a"), object("a", "b"), object("a", "c")];
    const page = (selective: boolean) =>
      decideListPage(objects, { resource: plain, limit: 2, revision: 7, selective }).metadata;
    expect(page(false)).toMatchObject({ resourceVersion: "7", remainingItemCount: 1 });
    expect(page(true)).not.toHaveProperty("remainingItemCount");
  });
});

describe("continue tokens", () => {
  it("come back as they were", () => {
    const position = { revision: 9, after: { order: 3, key: "ns/name" } };
    expect(decodeContinue(encodeContinue(position))).toEqual(position);
  });

  const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  it.each([
    ["nonsense", "%%%", "continue key is not valid: it is no token of this server"],
    ["null", token(null), "continue key is not valid: it is no token of this server"],
    [
      "another version",
      token({ v: "v0" }),
      "continue key is not valid: server does not recognize this encoded version",
    ],
    [
      "no revision",
      token({ v: "meta.k8s.io/v1", start: "a\0" }),
      "continue key is not valid: incorrect encoded start resourceVersion",
    ],
  ])("%s is refused", (_name, text, problem) => {
    expect(decodeContinue(text)).toBe(problem);
  });
});
