import type { KeyedIdentity } from "../machine/credentials.ts";
import { permissionsOf } from "./permissions.ts";

export interface NatsSettings {
  /** "address:port". */
  readonly listen: string;
  readonly storeDir: string;
}

/** Largest message. A Kubernetes object has up to 1.5 MB and an update's review carries two. */
const maxPayload = "8MB";

/** The NATS server's configuration: who may connect, by public key, and what each may do. */
export function renderNatsConfig(settings: NatsSettings, identities: readonly KeyedIdentity[]): string {
  return `${[
    `listen: ${JSON.stringify(settings.listen)}`,
    `max_payload: ${maxPayload}`,
    "jetstream {",
    `  store_dir: ${JSON.stringify(settings.storeDir)}`,
    "  # An acknowledged write is on disk.",
    "  sync_interval: always",
    "}",
    "authorization {",
    "  users = [",
    ...identities.map((identity) => renderUser(identity, identities)),
    "  ]",
    "}",
  ].join("\n")}\n`;
}

function renderUser(identity: KeyedIdentity, everyone: readonly KeyedIdentity[]): string {
  const { publish, subscribe } = permissionsOf(identity, everyone);
  const allow = (subjects: readonly string[]) => `{ allow: ${JSON.stringify(subjects)} }`;
  const deny = '{ deny: ">" }';
  return [
    `    # ${[identity.name, identity.node].filter(Boolean).join(" on ")}`,
    `    { nkey: ${identity.publicKey}, permissions: {`,
    `        publish: ${publish.length > 0 ? allow(publish) : deny}`,
    `        subscribe: ${allow(subscribe)} } }`,
  ].join("\n");
}
