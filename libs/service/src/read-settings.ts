import type { Encryption } from "@podbus/store";
import { readEncryptionConfig } from "./encryption-config.ts";
import { ConfigError, commonConfig, nodeName, parseConfig, readNkeySeed } from "./environment.ts";
import type { Environment, ServiceDefinition } from "./service-definition.ts";

/** What a process needs of its environment; the service reads its own part again when it is started. */
export interface Settings {
  readonly env: Environment;
  readonly natsServers: readonly string[];
  readonly nkeySeed: Uint8Array | undefined;
  /** Of what this service stores. */
  readonly encryption: Encryption | undefined;
  /** "" for a cluster service. */
  readonly node: string;
  readonly logLevel: string;
}

/** Throws ConfigError with all that is wrong at once, so that an operator does not find it line by line. */
export function readSettings<C>(definition: ServiceDefinition<C>, env: Environment): Settings {
  const { name, scope } = definition;
  const mistakes = new Set<string>();
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const line of error.message.split("\n")) mistakes.add(line);
      return undefined;
    }
  };
  const schema = scope === "node" ? commonConfig.refine((config) => config.nodeName, requiredNodeName) : commonConfig;
  const common = attempt(() => parseConfig(name, schema, env));
  attempt(() => parseConfig(name, definition.configSchema, env));
  const seedFile = common?.natsSeedFile;
  const nkeySeed = seedFile === undefined ? undefined : attempt(() => readNkeySeed(name, seedFile));
  const encryptionFile = scope === "cluster" ? common?.encryptionConfigFile : undefined;
  const encryption =
    encryptionFile === undefined ? undefined : attempt(() => readEncryptionConfig(name, encryptionFile));
  if (!common || mistakes.size > 0) throw new ConfigError([...mistakes].join("\n"));
  const node = scope === "node" ? nodeName.parse(common.nodeName) : "";
  return { env, natsServers: common.natsServers, nkeySeed, encryption, node, logLevel: common.logLevel };
}

const requiredNodeName = { path: ["PODBUS_NODE_NAME"], message: "required" };
