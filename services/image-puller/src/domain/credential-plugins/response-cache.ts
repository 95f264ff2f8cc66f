import type { DockerCredential } from "../credentials/docker-config.ts";
import type { PluginResponse } from "./plugin-response.ts";

type Entries = ReadonlyMap<string, DockerCredential>;

interface Kept {
  readonly entries: Entries;
  readonly untilMs: number;
}

/** Answers of one plugin, by what they serve. pkg/credentialprovider/plugin, getCachedCredentials. */
export class ResponseCache {
  readonly #kept = new Map<string, Kept>();

  /** `repository`: "registry.example/team/app". */
  find(repository: string, nowMs: number): Entries | undefined {
    for (const [key, { untilMs }] of this.#kept) if (untilMs <= nowMs) this.#kept.delete(key);
    const keys = [`Image ${repository}`, `Registry ${registryOf(repository)}`, "Global"];
    return keys.map((key) => this.#kept.get(key)).find((kept) => kept !== undefined)?.entries;
  }

  keep(repository: string, { cacheKeyType, entries }: PluginResponse, untilMs: number): void {
    const names = { Image: `Image ${repository}`, Registry: `Registry ${registryOf(repository)}`, Global: "Global" };
    this.#kept.set(names[cacheKeyType], { entries, untilMs });
  }
}

const registryOf = (repository: string) => repository.split("/", 1)[0] ?? "";
