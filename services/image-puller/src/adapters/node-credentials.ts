import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "@podbus/telemetry";
import { type DockerConfig, parseDockerConfigJson, parseDockercfg } from "../domain/credentials/docker-config.ts";
import { lookUpCredentials } from "../domain/credentials/keyring.ts";
import type { CredentialProvider, RegistryCredential } from "../domain/credentials/registry-credential.ts";

export interface NodeCredentialsOptions {
  /** The kubelet's --root-dir. */
  readonly stateDir: string;
  readonly workingDir: string;
  readonly homeDir: string | undefined;
  readonly log: Pick<Logger, "warn">;
}

type Parse = (text: string) => DockerConfig | undefined;

/**
 * Credentials that lie on the node, for all its pods. Files are read at each pull, so that a new one counts at once.
 * Rule: pkg/credentialprovider/config.go: the first config.json that is one; only without it the first .dockercfg.
 */
export class NodeCredentials implements CredentialProvider {
  readonly #options: NodeCredentialsOptions;

  constructor(options: NodeCredentialsOptions) {
    this.#options = options;
  }

  async credentialsFor(repository: string): Promise<readonly RegistryCredential[]> {
    for (const [file, parse] of this.#searchPath()) {
      const config = await this.#read(file, parse);
      if (!config) continue;
      return lookUpCredentials([{ source: { kind: "node", name: file }, entries: config.entries }], repository);
    }
    return [];
  }

  #searchPath(): readonly (readonly [string, Parse])[] {
    const { stateDir, workingDir, homeDir } = this.#options;
    const home = homeDir === undefined ? [] : [homeDir];
    const places = (homes: readonly string[], root: string) => [stateDir, workingDir, ...homes, root];
    const jsonDirs = places(
      home.map((dir) => join(dir, ".docker")),
      "/.docker",
    );
    return [
      ...jsonDirs.map((dir) => [resolve(dir, "config.json"), parseDockerConfigJson] as const),
      ...places(home, "/").map((dir) => [resolve(dir, ".dockercfg"), parseDockercfg] as const),
    ];
  }

  async #read(file: string, parse: Parse): Promise<DockerConfig | undefined> {
    const { log } = this.#options;
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") log.warn({ file, code }, "a file of credentials cannot be read");
      return undefined;
    }
    const config = parse(text);
    if (!config) log.warn({ file }, "not a file of credentials; the next place is looked at");
    else if (config.unusable.length > 0) log.warn({ file, places: config.unusable }, "entries that are no credentials");
    return config;
  }
}
