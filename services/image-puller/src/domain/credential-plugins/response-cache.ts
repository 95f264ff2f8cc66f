import type { DockerCredential } from "../credentials/docker-config.ts";
import { type CacheKeyType, keyTypes, type PluginResponse } from "./plugin-response.ts";

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
    const keys = keyTypes.map((type) => cacheKey(type, repository));
    return keys.map((key) => this.#kept.get(key)).find((kept) => kept !== undefined)?.entries;
  }

  keep(repository: string, { cacheKeyType, entries }: PluginResponse, untilMs: number): void {
    this.#kept.set(cacheKey(cacheKeyType, repository), { entries, untilMs });
  }
}

/** Repositories with the same key are served by one answer. */
export function cacheKey(type: CacheKeyType, repository: string): string {
  if (type === "Image") return `Image ${repository}`;
  return type === "Registry" ? `Registry ${repository.split("/", 1)[0]}` : "Global";
}
