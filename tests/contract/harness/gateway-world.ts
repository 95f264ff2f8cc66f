import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@podbus/clock";
import { Admission, type ReviewRequest } from "@podbus/contracts";
import type { ObjectKey, ObjectStore } from "@podbus/store";
import { apiGatewayConfig, startApiGateway } from "api-gateway";
import { createCertificateAuthority, issueCertificate } from "api-gateway/pki";
import { expect } from "vitest";
import type { Bench } from "./contract-suite.ts";

export const node = "node-1.example";
export const uid = "6a1b3c5e-0000-4000-8000-000000000001";
export const pod = { namespace: "default", name: "web", uid };
export const podKey = keyOf("pods", "web");

export const storedPod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { ...pod, creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: {
    nodeName: node,
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    containers: [{ name: "main", image: "nginx:1.25" }],
    volumes: [{ name: "config", configMap: { name: "settings" } }],
  },
  status: {
    phase: "Pending",
    qosClass: "BestEffort",
    conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }],
  },
};

export interface GatewayWorld {
  readonly store: ObjectStore;
  /** Stores the pod, with changes at its first level. */
  putPod(change?: { metadata?: object; spec?: object; status?: object }): Promise<void>;
  put(resource: string, name: string, content?: object): Promise<void>;
}

/** A real api-gateway over a store in memory, with its HTTPS side on a free port. */
export async function startGateway({ bus, store: openStore, log, tracer, cleanup }: Bench): Promise<GatewayWorld> {
  const store = await openStore();
  const directory = await mkdtemp(join(tmpdir(), "podbus-contract-"));
  cleanup.defer(() => rm(directory, { recursive: true }));
  const config = apiGatewayConfig.parse({ PODBUS_API_ADDRESS: "127.0.0.1:0", ...(await tlsFiles(directory)) });
  const runtime = { bus: await bus("api-gateway"), clock: systemClock, log, tracer, store };
  cleanup.use(await startApiGateway(runtime, config));
  // Admits everything as it is.
  const admitting = await bus("scheduler-admission");
  const review = ({ objectJson }: ReviewRequest) => ({ verdict: { case: "objectJson" as const, value: objectJson } });
  cleanup.use(await admitting.serve(Admission, {}, { review }));
  return {
    store,
    putPod: async (change = {}) => {
      const { metadata, spec, status, ...rest } = storedPod;
      await store.create(podKey, {
        ...rest,
        metadata: { ...metadata, ...change.metadata },
        spec: { ...spec, ...change.spec },
        status: { ...status, ...change.status },
      });
    },
    put: async (resource, name, content = {}) => {
      await store.create(keyOf(resource, name), { metadata: { namespace: "default", name }, ...content });
    },
  };
}

export function keyOf(resource: string, name: string): ObjectKey {
  return { resource, namespace: "default", name };
}

export const revisionOf = ({ store }: GatewayWorld, key: ObjectKey) => store.cache.get(key)?.revision;

/** Everything stored under a key, for an effect. */
export function expectStored({ store }: GatewayWorld, key: ObjectKey, value: unknown): void {
  expect(store.cache.get(key)?.value).toEqual(value);
}

let issued: Promise<{ authority: string; certificate: string; key: string }> | undefined;

async function tlsFiles(directory: string) {
  issued ??= issue();
  const { authority, certificate, key } = await issued;
  const write = async (name: string, pem: string) => {
    await writeFile(join(directory, name), pem, { mode: 0o600 });
    return join(directory, name);
  };
  return {
    PODBUS_API_TLS_CERT: await write("server.crt", certificate),
    PODBUS_API_TLS_KEY: await write("server.key", key),
    PODBUS_API_CLIENT_CA: await write("ca.crt", authority),
    // Any private key will do to sign tokens with.
    PODBUS_API_SERVICE_ACCOUNT_KEY: await write("service-accounts.key", key),
  };
}

async function issue() {
  const now = Date.now();
  const authority = await createCertificateAuthority("contract tests", now);
  const server = { commonName: "podbus", usage: "server" as const, ipAddresses: ["127.0.0.1"], now };
  const { certificatePem: certificate, keyPem: key } = await issueCertificate(authority, server);
  return { authority: authority.certificatePem, certificate, key };
}
