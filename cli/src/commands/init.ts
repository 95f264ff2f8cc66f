import { mkdir, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "@podbus/clock";
import type { InitOptions } from "../arguments.ts";
import { clusterIdentities, nodeIdentities } from "../bus-access/identities.ts";
import { renderNatsConfig } from "../bus-access/nats-config.ts";
import { ensureApiCredentials, ensureSeeds } from "../machine/credentials.ts";

/**
 * Writes all that services need to find and trust each other, for deployments where each runs by itself:
 * certificates (pki/), bus identities and the NATS configuration (bus/), the admin's kubeconfig. What is there is kept.
 */
export async function init(options: InitOptions, clock: Clock): Promise<void> {
  const { dir } = options;
  await mkdir(dir, { recursive: true, mode: 0o755 });
  const url = new URL(options.apiUrl);
  const names = ["localhost", "127.0.0.1", "kubernetes", url.hostname, ...options.apiNames];
  const api = await ensureApiCredentials(
    join(dir, "pki"),
    options.apiUrl,
    { dnsNames: unique(names.filter((name) => !isIP(name))), ipAddresses: unique(names.filter((name) => isIP(name))) },
    clock,
  );
  const busDir = join(dir, "bus");
  const identities = await ensureSeeds(busDir, [...clusterIdentities, ...options.nodeNames.flatMap(nodeIdentities)]);
  await writeFile(
    join(busDir, "nats.conf"),
    renderNatsConfig({ listen: options.natsListen, storeDir: options.natsStoreDir }, identities),
  );
  await writeFile(join(dir, "kubeconfig"), api.kubeconfig, { mode: 0o600 });
}

const unique = (names: readonly string[]) => [...new Set(names)];
