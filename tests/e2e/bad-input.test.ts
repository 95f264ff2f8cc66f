import { request } from "node:https";
import { readKubeAccess } from "podbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";

/** What Kubernetes refuses is refused the same way: code, reason, field. And nothing is stored. */
let podbus: PodbusProcess;

beforeAll(async () => {
  podbus = await PodbusProcess.start(await freshOptions());
}, 120_000);
afterAll(async () => podbus?.[Symbol.asyncDispose](), 120_000);

interface Answer {
  readonly code: number;
  readonly status: {
    readonly reason?: string;
    readonly message?: string;
    readonly details?: { readonly causes?: { field?: string }[] };
  };
}

async function post(path: string, body: string, contentType = "application/json"): Promise<Answer> {
  const { apiUrl, ca, cert, key } = await readKubeAccess(podbus.kubeconfig);
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, apiUrl), {
      method: "POST",
      ca,
      cert,
      key,
      headers: { "content-type": contentType },
    });
    call.on("error", reject);
    call.on("response", async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({ code: response.statusCode ?? 0, status: JSON.parse(text) });
    });
    call.end(body);
  });
}

const pods = "/api/v1/namespaces/default/pods";
const pod = (metadata: object, spec: object) => JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec });
const good = { name: "main", image: "busybox:1" };
const named = { name: "p" };

describe("a bad manifest is refused as Kubernetes refuses it", () => {
  it.each([
    [
      "an unknown field, with strict validation",
      `${pods}?fieldValidation=Strict`,
      pod(named, { containers: [good], colour: "red" }),
      400,
      "BadRequest",
      undefined,
      /strict decoding error: unknown field "spec.colour"/,
    ],
    [
      "a bad name",
      pods,
      pod({ name: "Not_A_Name" }, { containers: [good] }),
      422,
      "Invalid",
      "metadata.name",
      /a lowercase RFC 1123 subdomain must consist of/,
    ],
    [
      "two containers of one name",
      pods,
      pod(named, { containers: [good, good] }),
      422,
      "Invalid",
      "spec.containers[1].name",
      /Duplicate value: "main"/,
    ],
    [
      "a negative port",
      pods,
      pod(named, { containers: [{ ...good, ports: [{ containerPort: -1 }] }] }),
      422,
      "Invalid",
      "spec.containers[0].ports[0].containerPort",
      /must be between 1 and 65535/,
    ],
    [
      "a missing image",
      pods,
      pod(named, { containers: [{ name: "main" }] }),
      422,
      "Invalid",
      "spec.containers[0].image",
      /Required value/,
    ],
    ["no containers", pods, pod(named, { containers: [] }), 422, "Invalid", "spec.containers", /Required value/],
    [
      "an object of 2 MB",
      pods,
      pod({ ...named, annotations: { a: "x".repeat(2 * 2 ** 20) } }, { containers: [good] }),
      undefined,
      undefined,
      undefined,
      /./,
    ],
    ["what is neither JSON nor YAML", pods, "{ this is [ not", 400, "BadRequest", undefined, /./],
    [
      "another kind",
      pods,
      JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: named }),
      400,
      "BadRequest",
      undefined,
      /ConfigMap/,
    ],
    [
      "a namespace that does not exist",
      "/api/v1/namespaces/nowhere/pods",
      pod(named, { containers: [good] }),
      404,
      "NotFound",
      undefined,
      /namespaces "nowhere" not found/,
    ],
    [
      "a content type that nobody reads",
      pods,
      pod(named, { containers: [good] }),
      415,
      "UnsupportedMediaType",
      undefined,
      /./,
    ],
  ])("%s", async (sentence, path, body, code, reason, field, message) => {
    const answer = await post(path, body, sentence.startsWith("a content type") ? "text/html" : "application/json");
    if (code === undefined) {
      // Kubernetes refuses large annotations first (422), or the object as a whole (413).
      expect([413, 422]).toContain(answer.code);
    } else {
      expect(answer.code, JSON.stringify(answer.status)).toBe(code);
      expect(answer.status.reason).toBe(reason);
    }
    expect(answer.status.message).toMatch(message);
    if (field !== undefined) expect(answer.status.details?.causes?.map((cause) => cause.field)).toContain(field);
    expect(await podbus.kubectlOk("get", "pods", "-A", "-o", "name")).toBe("");
  });

  it("kubectl prints the server's words and fails", async () => {
    const { code, stderr } = await podbus.kubectlWith(
      { input: pod(named, { containers: [good, good] }) },
      "create",
      "-f",
      "-",
    );
    expect(code).toBe(1);
    expect(stderr).toBe('The Pod "p" is invalid: spec.containers[1].name: Duplicate value: "main"\n');
  });

  it("kubectl apply with an unknown field names it", async () => {
    const input = pod(named, { containers: [{ ...good, imagePullPolice: "Always" }] });
    const { code, stderr } = await podbus.kubectlWith({ input }, "apply", "-f", "-");
    expect(code).toBe(1);
    expect(stderr).toContain('unknown field "spec.containers[0].imagePullPolice"');
  });

  it("without a certificate nobody gets in", async () => {
    const { apiUrl, ca } = await readKubeAccess(podbus.kubeconfig);
    const code = await new Promise((resolve, reject) => {
      const call = request(new URL("/api/v1/pods", apiUrl), { ca }, (response) => resolve(response.statusCode));
      call.on("error", reject);
      call.end();
    });
    expect(code).toBe(401);
  });
});
