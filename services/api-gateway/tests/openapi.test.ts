import { gunzipSync } from "node:zlib";
import { openApiV2Protobuf } from "@podbus/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture } from "./gateway-fixture.ts";

let gateway: GatewayFixture;

beforeEach(async () => {
  gateway = await gatewayFixture();
});
afterEach(() => gateway[Symbol.asyncDispose]());

const protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

async function bytes(path: string, headers: Record<string, string>) {
  const response = await gateway.open("GET", path, { headers });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { code: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

describe("/openapi/v2", () => {
  it("comes as JSON", async () => {
    const { code, headers, body } = await gateway.get("/openapi/v2");
    expect([code, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(body.definitions["io.k8s.api.core.v1.Pod"]).toMatchObject({ type: "object" });
  });

  it("comes as protobuf to who asks for it, packed if he can unpack it", async () => {
    const plain = await bytes("/openapi/v2", { accept: protobuf });
    expect(plain.headers["content-type"]).toBe("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    expect(plain.body.equals(openApiV2Protobuf().body)).toBe(true);
    const packed = await bytes("/openapi/v2", { accept: protobuf, "accept-encoding": "gzip" });
    expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept, Accept-Encoding" });
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  });
});

describe.each([
  ["/openapi/v2", "application/json"],
  ["/openapi/v2", protobuf],
  ["/openapi/v3/api/v1", "application/json"],
])("%s as %s", (path, accept) => {
  it("is not sent again to who has it", async () => {
    const { etag = "" } = (await gateway.get(path, { headers: { accept } })).headers;
    expect(etag).toMatch(/^"[0-9A-F]{64}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await gateway.get(path, { headers: { accept, "if-none-match": known } });
      expect([again.code, again.text, again.headers.etag]).toEqual([304, "", etag]);
    }
    expect((await gateway.get(path, { headers: { accept, "if-none-match": '"other"' } })).code).toBe(200);
  });
});

describe("the links of /openapi/v3", () => {
  it("lead to documents that may be kept for ever", async () => {
    const { paths } = (await gateway.get("/openapi/v3")).body;
    const { code, headers, body } = await gateway.get(paths["apis/apps/v1"].serverRelativeURL);
    expect([code, headers["cache-control"]]).toEqual([200, "public, immutable"]);
    expect(body.components.schemas["io.k8s.api.apps.v1.Deployment"]).toMatchObject({ type: "object" });
  });

  it("of an older server lead on to the document of now", async () => {
    const { paths } = (await gateway.get("/openapi/v3")).body;
    const { code, headers } = await gateway.get("/openapi/v3/apis/apps/v1?hash=OLD");
    expect([code, headers.location]).toEqual([301, paths["apis/apps/v1"].serverRelativeURL]);
  });

  it("a group that there is not is not found", async () => {
    expect((await gateway.get("/openapi/v3/apis/nonsense/v1")).code).toBe(404);
  });
});
