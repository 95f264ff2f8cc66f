import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture, podManifest } from "./gateway-fixture.ts";

/** Whatever a client sends is answered, and never with a mistake of ours (500). */
let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
  await gateway.post("/api/v1/namespaces/default/pods", podManifest());
});
afterAll(() => gateway[Symbol.asyncDispose]());

const segment = fc.oneof(
  fc.constantFrom(
    "api",
    "apis",
    "v1",
    "apps",
    "namespaces",
    "default",
    "pods",
    "x",
    "log",
    "exec",
    "status",
    "scale",
    "proxy",
    "watch",
  ),
  fc.constantFrom(
    "token",
    "eviction",
    "ephemeralcontainers",
    "nodes",
    "services",
    "deployments",
    "%zz",
    "%00",
    "..",
    "%2e%2e",
    "__proto__",
  ),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const parameter = fc.tuple(
  fc.constantFrom(
    "limit",
    "continue",
    "resourceVersion",
    "resourceVersionMatch",
    "labelSelector",
    "fieldSelector",
    "timeoutSeconds",
    "dryRun",
    "fieldValidation",
    "fieldManager",
    "tailLines",
    "sinceTime",
    "container",
    "command",
    "gracePeriodSeconds",
    "propagationPolicy",
    "sendInitialEvents",
    "includeObject",
    "force",
  ),
  fc.oneof(
    fc.constantFrom("", "0", "-1", "1e99", "true", "NaN", "All", "Strict", "a%20in%20(", "=", "eyJ2IjoxfQ", "%00"),
    fc.string({ maxLength: 12 }).map(encodeURIComponent),
  ),
);
const path = fc
  .tuple(fc.array(segment, { maxLength: 7 }), fc.array(parameter, { maxLength: 4 }))
  .map(([segments, parameters]) => {
    // A watch or a followed log would not end.
    const query = [...parameters, ["timeoutSeconds", "1"]].map(([name, value]) => `${name}=${value}`);
    return `/${segments.join("/")}?${query.join("&")}`;
  });
const contentType = fc.constantFrom(
  ...["application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json"],
  ...[
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
    "text/html",
    "",
  ],
);
const body = fc.oneof(
  fc.json(),
  fc.string(),
  fc.constantFrom(
    "",
    "null",
    "[]",
    "{",
    "&a [*a]",
    `${"[".repeat(2_000)}`,
    '{"__proto__":{"polluted":1}}',
    "a: &a\n  b: *a",
    "k8s\0\x0a\x02",
  ),
  fc.constantFrom(
    '[{"op":"test","path":"/a"}]',
    '[{"op":"move","from":"/spec","path":"/spec/x"}]',
    '{"metadata":null}',
    '{"spec":[]}',
  ),
);
const header = fc.record(
  {
    accept: fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom("application/json;as=Table;v=v9;g=x", "*/*;q=0", "application/yaml"),
    ),
    "impersonate-user": fc.constantFrom(
      "system:anonymous",
      "jane",
      "system:serviceaccount:",
      "system:serviceaccount:a:b",
    ),
    "impersonate-extra-%zz": fc.constant("x"),
    traceparent: fc.constantFrom("00-zz", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
  },
  { requiredKeys: [] },
);
const sendable = (text: string) => /^[\x20-\x7e]*$/.test(text);

describe("nonsense", () => {
  it("in paths, queries, headers and bodies is answered with what is wrong", async () => {
    const request = fc.record({
      method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
      path,
      contentType,
      body,
      header,
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, contentType, body, header }) => {
        const headers = Object.fromEntries(Object.entries(header).filter(([, value]) => sendable(value)));
        const type = contentType === "" ? {} : { "content-type": contentType };
        const sent = method === "GET" ? {} : { body };
        const { code, text } = await gateway.ask(method, path, { ...sent, headers: { ...headers, ...type } });
        expect(code === 501 || code < 500, `${method} ${path} ${contentType} ${body}: ${code} ${text}`).toBe(true);
        expect(Object.prototype).not.toHaveProperty("polluted");
      }),
      { numRuns: 1_500 },
    );
  }, 60_000);

  it("in an impersonation is told apart from one that is not allowed", async () => {
    const headers = { "impersonate-user": "system:anonymous" };
    expect((await gateway.get("/api/v1/namespaces/default/pods", { headers })).code).toBe(403);
  });
});
