import type { Client } from "@podbus/bus";
import type { NodeApi, PodRef } from "@podbus/contracts";
import { toPodbusError } from "@podbus/errors";
import type { Secret } from "@podbus/kube";
import type { Logger } from "@podbus/telemetry";
import { type DockerConfig, parseDockerConfigJson, parseDockercfg } from "../domain/credentials/docker-config.ts";
import type { SourcedEntries } from "../domain/credentials/keyring.ts";
import type { PodSecrets } from "../ports.ts";

/** A node that is cut off from the cluster does not hold up its pods for longer. */
const timeoutMs = 5_000;

/** Read from the API each time and kept nowhere; only those of the node's own pods can be read. */
export function createPodSecrets(api: Pick<Client<typeof NodeApi>, "getPodDependency">, log: Logger): PodSecrets {
  const readOne = async (pod: PodRef, name: string, signal: AbortSignal): Promise<SourcedEntries | undefined> => {
    try {
      const { objectJson } = await api.getPodDependency({ pod, resource: "secrets", name }, { signal, timeoutMs });
      const secret = JSON.parse(Buffer.from(objectJson).toString()) as Secret;
      const { namespace = "", uid = "" } = secret.metadata;
      return { source: { kind: "secret", namespace, name, uid }, entries: configOf(secret)?.entries ?? new Map() };
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      log.warn({ err: toPodbusError(thrown), pod, secret: name }, "a pull secret cannot be read");
      return undefined;
    }
  };
  return {
    read: async (pod, names, signal) => {
      const found = await Promise.all(names.map((name) => readOne(pod, name, signal)));
      return {
        entries: found.filter((entry) => entry !== undefined),
        missing: names.filter((_, index) => found[index] === undefined),
      };
    },
  };
}

/** pkg/credentialprovider/secrets: Secrets of other types hold nothing for a pull. */
function configOf({ type, data = {} }: Secret): DockerConfig | undefined {
  const decode = (key: string) => Buffer.from(data[key] ?? "", "base64").toString("utf8");
  if (type === "kubernetes.io/dockerconfigjson") return parseDockerConfigJson(decode(".dockerconfigjson"));
  if (type === "kubernetes.io/dockercfg") return parseDockercfg(decode(".dockercfg"));
  return undefined;
}
