import { gzipSync } from "node:zlib";
import { resources } from "@podbus/kube";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type GatewayFixture, gatewayFixture, podManifest } from "./gateway-fixture.ts";

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
  await gateway.post("/api/v1/namespaces/default/pods", podManifest("web"));
});
afterAll(() => gateway[Symbol.asyncDispose]());

const pods = "/api/v1/namespaces/default/pods";
const reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

/** 501 and 503 name what is not there; 504 is a revision that did not come. 500 is a mistake of ours. */
function expectNoMistake(answer: Answer, what: string): void {
  expect(answer.code, `${what}: ${answer.text.slice(0, 300)}`).not.toBe(500);
  if (answer.code >= 400 && answer.text !== "")
    expect(answer.body, what).toMatchObject({ kind: "Status", status: "Failure" });
}

describe("headers", () => {
  const asJane = (headers: Record<string, string>) =>
    gateway.post(reviews, {}, { headers: { "impersonate-user": "jane", ...headers } });

  it.each([
    ["Impersonate-Extra-%zz", "%zz"],
    ["Impersonate-Extra-%", "%"],
    ["Impersonate-Extra-acme.com%2Fscope", "acme.com/scope"],
    ["Impersonate-Extra-%ff", "%ff"],
    ["Impersonate-Extra-__proto__", "__proto__"],
    ["Impersonate-Extra-constructor", "constructor"],
  ])("%s is the key %s", async (header, key) => {
    const answer = await asJane({ [header]: "x" });
    expect(answer.code).toBe(201);
    expect(Object.entries(answer.body.status.userInfo.extra)).toEqual([[key, ["x"]]]);
  });

  it("whoever acts as system:anonymous may what nobody may, and is in no other group", async () => {
    const headers = { "impersonate-user": "system:anonymous" };
    const answer = await gateway.get(pods, { headers });
    expect([answer.code, answer.body.message]).toEqual([
      403,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    ]);
    expect((await gateway.get("/healthz", { headers })).code).toBe(200);
  });

  it.each<[string, Record<string, string>, number]>([
    ["an extra without a user", { "impersonate-extra-a": "x" }, 400],
    ["a token of nothing", { authorization: "Bearer a.b.c" }, 401],
    ["a token whose parts are no JSON", { authorization: `Bearer ${["!!", "{", "x"].map(btoa).join(".")}` }, 401],
    ["a traceparent that is none", { traceparent: "00-zz-zz-01" }, 200],
    ["an Accept that nobody understands", { accept: "text/html;q=zz, */;, application/x" }, 406],
    ["a length that is none", { "content-type": "application/json;charset" }, 200],
  ])("%s", async (_sentence, headers, code) => {
    const answer = await gateway.get(pods, { headers, ...(headers.authorization ? { as: "nobody" } : {}) });
    expectNoMistake(answer, JSON.stringify(headers));
    expect(answer.code).toBe(code);
  });

  it("any text in an Authorization, Accept or traceparent header is understood or refused", async () => {
    const value = fc.string({ unit: fc.constantFrom(...'abc.=;,/*-_ 01qv%"'.split("")), maxLength: 30 });
    const header = fc.constantFrom(
      "authorization",
      "accept",
      "traceparent",
      "accept-encoding",
      "impersonate-uid",
      "user-agent",
    );
    await fc.assert(
      fc.asyncProperty(header, value, async (name, text) => {
        expectNoMistake(await gateway.get(pods, { headers: { [name]: text } }), `${name}: ${text}`);
      }),
      { numRuns: 200 },
    );
  });
});

describe("bodies", () => {
  const post = (body: Buffer | string, headers: Record<string, string> = {}) =>
    gateway.post(pods, body, { headers: { "content-type": "application/json", ...headers } });

  it.each<[string, Buffer | string, Record<string, string>, number, RegExp]>([
    ["of more than 3 MiB", Buffer.alloc(3 * 1024 * 1024 + 1, 0x20), {}, 413, /limit is 3145728/],
    ["deeper than any object", `{"metadata":${'{"a":'.repeat(2000)}`, {}, 400, /max depth/],
    ["of zipped zeros", gzipSync(Buffer.alloc(50_000_000)), { "content-encoding": "gzip" }, 400, /not UTF-8/],
    ["in another type", "x", { "content-type": "text/html" }, 415, /accepted media types/],
    [
      "of thousands of errors",
      JSON.stringify({ ...podManifest("e"), metadata: { name: "e", finalizers: Array(50_000).fill("") } }),
      {},
      422,
      /is invalid.* and [0-9]+ more$/s,
    ],
    [
      "an object of more than 1.5 MiB",
      JSON.stringify({ ...podManifest("e"), metadata: { name: "e", annotations: { a: "x".repeat(2_000_000) } } }),
      {},
      413,
      /limit is/,
    ],
    ["half of a surrogate pair for a name", JSON.stringify(podManifest("\ud800")), {}, 422, /is invalid/],
  ])("%s", async (_sentence, body, headers, code, message) => {
    const answer = await post(body, headers);
    expect([answer.code, answer.body.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it("that are no patch are refused, whatever kind of patch they are said to be", async () => {
    const kinds = ["json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml"];
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom("", "null", "[]", '[{"op":"add","path":"/a/b"}]', "- a", "{"),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), body, async (kind, text) => {
        const headers = { "content-type": `application/${kind}` };
        const answer = await gateway.ask("PATCH", `${pods}/web?fieldManager=me&dryRun=All`, { body: text, headers });
        expectNoMistake(answer, `${kind}: ${text}`);
      }),
      { numRuns: 150 },
    );
  });
});

describe("paths", () => {
  it.each([
    ["%zz", 404],
    ["%", 404],
    ["%ff", 404],
    ["a%2Fb", 404],
    ["..%2f..", 404],
    ["a%00b", 404],
    ["__proto__", 404],
    ["a*>.b", 404],
    ["a".repeat(5000), 404],
  ])("a pod named %s", async (name, code) => {
    const answer = await gateway.get(`${pods}/${name}`);
    expectNoMistake(answer, name);
    expect(answer.code).toBe(code);
  });

  it("a namespace that is no text is refused, too", async () => {
    expect((await gateway.get("/api/v1/namespaces/%zz/pods")).code).toBe(404);
  });

  it("of any parts and any method are answered or refused", async () => {
    const kinds = resources.map(({ plural }) => plural);
    const part = fc.oneof(
      fc.constantFrom(
        "api",
        "apis",
        "v1",
        "namespaces",
        "default",
        "pods",
        "web",
        "log",
        "status",
        "scale",
        "proxy",
        "exec",
        "watch",
        "token",
        "eviction",
        "openapi",
        "v3",
        "apps",
        "finalize",
      ),
      fc.constantFrom(...kinds),
      fc.constantFrom(
        "%zz",
        "%",
        "%2F",
        "%00",
        "__proto__",
        "constructor",
        "",
        ".",
        "..",
        "web:99999",
        "http:web:x",
        "a b".replace(" ", "%20"),
        "%F0%9F%98%80",
      ),
    );
    const query = fc.constantFrom("", "?watch=false&limit=1", "?labelSelector=%zz", "?dryRun=All", "?fieldSelector=a");
    const method = fc.constantFrom("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS");
    const path = fc.oneof(
      fc.array(part, { maxLength: 7 }),
      fc.array(part, { maxLength: 4 }).map((rest) => ["api", "v1", "namespaces", "other", ...rest]),
    );
    await fc.assert(
      fc.asyncProperty(method, path, query, async (verb, parts, search) => {
        const url = `/${parts.join("/")}${search}`;
        // A watch would not end.
        fc.pre(!parts.includes("watch") || verb !== "GET");
        const answer = await gateway.ask(verb, url, verb === "GET" || verb === "HEAD" ? {} : { body: "{}" });
        expectNoMistake(answer, `${verb} ${url}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe("queries", () => {
  it.each([
    ["?continue=%zz", 400],
    [`?continue=${Buffer.from("null").toString("base64url")}`, 400],
    [`?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1e308,"start":"a\\u0000"}').toString("base64url")}`, 400],
    ["?limit=abc", 400],
    ["?limit=99999999999999999999", 400],
    ["?resourceVersion=abc", 422],
    ["?resourceVersion=1&resourceVersionMatch=Sometimes", 422],
    ["?labelSelector=%zz", 400],
    ["?labelSelector=a%20in%20(", 400],
    ["?fieldSelector=nothing%3D1", 400],
    ["?watch=1&resourceVersion=-1", 422],
    ["?watch=1&timeoutSeconds=x", 400],
    ["?includeObject=Everything", 400],
  ])("a list with %s", async (query, code) => {
    const accept = query.includes("includeObject")
      ? "application/json;as=Table;v=v1;g=meta.k8s.io"
      : "application/json";
    const answer = await gateway.get(`${pods}${query}`, { headers: { accept } });
    expect([answer.code, answer.body.kind]).toEqual([code, "Status"]);
  });

  it.each([
    ["exec", "?command=&stdout=1&container=%zz"],
    ["exec", ""],
    ["attach", "?stdin=maybe"],
    ["portforward", "?ports=99999999"],
    ["log", "?tailLines=-5"],
    ["log", "?sinceTime=yesterday"],
    ["log", "?limitBytes=999999999999999999999"],
  ])("%s%s is refused", async (subresource, query) => {
    for (const headers of [
      {},
      { connection: "Upgrade", upgrade: "websocket" },
      { connection: "Upgrade", upgrade: "SPDY/3.1" },
    ]) {
      const answer = await gateway.get(`${pods}/web/${subresource}${query}`, { headers });
      expectNoMistake(answer, `${subresource}${query}`);
      expect(answer.code).toBeGreaterThanOrEqual(400);
    }
  });

  it("of any parameters are understood or refused", async () => {
    const name = fc.constantFrom(
      "limit",
      "continue",
      "resourceVersion",
      "resourceVersionMatch",
      "labelSelector",
      "fieldSelector",
      "timeoutSeconds",
      "sendInitialEvents",
      "includeObject",
      "pretty",
      "__proto__",
      "fieldManager",
      "dryRun",
    );
    const value = fc.oneof(
      fc.constantFrom(
        "",
        "0",
        "-1",
        "1",
        "true",
        "Exact",
        "NotOlderThan",
        "NaN",
        "1e9",
        "%zz",
        "%00",
        "a=b",
        "a+in+(b)",
        "metadata.name=x",
        "Table",
      ),
      fc.string({ maxLength: 8 }).map(encodeURIComponentTotally),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), async (parameters) => {
        const query = parameters.map(([key, text]) => `${key}=${text}`).join("&");
        expectNoMistake(await gateway.get(`${pods}?${query}`), query);
      }),
      { numRuns: 300 },
    );
  });
});

/** Half of a surrogate pair has no encoding. */
function encodeURIComponentTotally(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

describe("access reviews", () => {
  const review = (kind: string, spec: object) => gateway.post(`/apis/authorization.k8s.io/v1/${kind}`, { spec });
  const resourceAttributes = { verb: "get", resource: "pods" };
  const nonResourceAttributes = { verb: "get", path: "/" };

  it.each([
    ["selfsubjectaccessreviews", "SelfSubjectAccessReview", {}],
    ["subjectaccessreviews", "SubjectAccessReview", { user: "jane" }],
  ])("%s: neither or both of the attributes are refused", async (plural, kind, who) => {
    const neither = await review(plural, who);
    expect([neither.code, neither.body.reason]).toEqual([422, "Invalid"]);
    expect(neither.body.message).toBe(
      `${kind}.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified`,
    );
    const both = await review(plural, { ...who, resourceAttributes, nonResourceAttributes });
    expect(both.code).toBe(422);
    expect(both.body.message).toContain("spec.nonResourceAttributes: Invalid value: ");
    expect(both.body.message).toContain("cannot be specified in combination with resourceAttributes");
  });
});
