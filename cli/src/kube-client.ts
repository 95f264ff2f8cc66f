import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { PodbusError } from "@podbus/errors";
import { parse } from "yaml";
import { z } from "zod";

/** How to reach an API server as a user with a client certificate. All PEM. */
export interface KubeAccess {
  readonly apiUrl: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const base64 = z.string().transform((text) => Buffer.from(text, "base64").toString("utf8"));

/** The part of a kubeconfig that ours has. */
const kubeconfigSchema = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url(), "certificate-authority-data": base64 }) })]),
  users: z.tuple([z.object({ user: z.object({ "client-certificate-data": base64, "client-key-data": base64 }) })]),
});

export async function readKubeAccess(file: string): Promise<KubeAccess> {
  const { clusters, users } = kubeconfigSchema.parse(parse(await readFile(file, "utf8")));
  return {
    apiUrl: clusters[0].cluster.server,
    ca: clusters[0].cluster["certificate-authority-data"],
    cert: users[0].user["client-certificate-data"],
    key: users[0].user["client-key-data"],
  };
}

/** GETs one API path. A Status answer becomes a PodbusError with its reason and message. */
export function getJson<T>(access: KubeAccess, path: string): Promise<T> {
  const { ca, cert, key } = access;
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, access.apiUrl), { ca, cert, key, timeout: 10_000 }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(body) as T);
        else reject(refused(response.statusCode ?? 0, body));
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 10 s")));
    call.on("error", (cause) =>
      reject(new PodbusError({ code: "UNAVAILABLE", message: `${access.apiUrl}: ${cause.message}`, cause })),
    );
    call.end();
  });
}

function refused(code: number, body: string): PodbusError {
  const status = parseStatus(body);
  return new PodbusError({
    code: code === 404 ? "NOT_FOUND" : "UNKNOWN",
    reason: status?.reason ?? "",
    message: status?.message ?? `the API server answered ${code}`,
  });
}

function parseStatus(body: string): { readonly reason?: string; readonly message?: string } | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // Not from Kubernetes' API; the code alone has to do.
  }
}
