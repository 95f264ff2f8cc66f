import { join } from "node:path";
import type { Clock } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { type PluginCall, runPlugin } from "../adapters/run-plugin.ts";
import type { CredentialPlugin } from "../domain/credential-plugins/plugin-config.ts";
import {
  type CacheKeyType,
  type PluginResponse,
  parsePluginResponse,
} from "../domain/credential-plugins/plugin-response.ts";
import { cacheKey, ResponseCache } from "../domain/credential-plugins/response-cache.ts";
import { lookUpCredentials } from "../domain/credentials/keyring.ts";
import { matchesImage, parseLocation } from "../domain/credentials/match-image.ts";
import type { CredentialProvider, RegistryCredential } from "../domain/credentials/registry-credential.ts";

export interface PluginCredentialsOptions {
  readonly plugin: CredentialPlugin;
  /** Where the program of the plugin's name is. */
  readonly binDir: string;
  readonly clock: Clock;
  /** Of this process; what is ours in it is not handed on. */
  readonly env: NodeJS.ProcessEnv;
}

interface Answer {
  /** It was asked for. */
  readonly repository: string;
  readonly response: PluginResponse;
}

/** What a credential provider plugin knows (KEP-2133). One run at a time for all that one answer serves. */
export class PluginCredentials implements CredentialProvider, Disposable {
  readonly #options: PluginCredentialsOptions;
  readonly #cache = new ResponseCache();
  readonly #running = new Map<string, Promise<Answer>>();
  readonly #stop = new AbortController();
  /** What its last answer served: its next one most likely serves as much. */
  #keyType: CacheKeyType = "Image";

  constructor(options: PluginCredentialsOptions) {
    this.#options = options;
  }

  async credentialsFor(repository: string): Promise<readonly RegistryCredential[]> {
    const { plugin, clock } = this.#options;
    if (!plugin.matchImages.some((pattern) => matches(pattern, repository))) return [];
    const entries =
      this.#cache.find(repository, clock.now()) ?? (await this.#askOnce(repository, this.#keyType)).response.entries;
    return lookUpCredentials([{ source: { kind: "node", name: `plugin ${plugin.name}` }, entries }], repository);
  }

  /** Ends what still runs: nobody would end it later. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  /** Joins a run whose answer should serve this repository too; if it does not, or the run failed, asks for it alone. */
  async #askOnce(repository: string, expected: CacheKeyType): Promise<Answer> {
    const key = cacheKey(expected, repository);
    const running = this.#running.get(key);
    if (!running) return this.#start(key, repository);
    if (expected === "Image") return running;
    // The failure is told to who started the run.
    const answer = await running.catch(() => undefined);
    return answer && serves(answer, repository) ? answer : this.#askOnce(repository, "Image");
  }

  #start(key: string, repository: string): Promise<Answer> {
    const asked = this.#ask(repository).finally(() => this.#running.delete(key));
    this.#running.set(key, asked);
    return asked;
  }

  async #ask(repository: string): Promise<Answer> {
    const { plugin, clock } = this.#options;
    const output = await this.#run(repository);
    const parsed = parsePluginResponse(output, plugin.apiVersion);
    if (!parsed.ok) throw this.#failure(parsed.problem);
    const { response } = parsed;
    const cacheMs = response.cacheMs ?? plugin.defaultCacheMs;
    if (cacheMs > 0) this.#cache.keep(repository, response, clock.now() + cacheMs);
    this.#keyType = response.cacheKeyType;
    return { repository, response };
  }

  async #run(image: string): Promise<string> {
    const { clock, plugin } = this.#options;
    const request = { kind: "CredentialProviderRequest", apiVersion: plugin.apiVersion, image };
    try {
      return await runPlugin(this.#call(JSON.stringify(request)), clock);
    } catch (thrown) {
      const { message, cause } = toPodbusError(thrown);
      throw this.#failure(message, cause);
    }
  }

  #call(input: string): PluginCall {
    const { plugin, binDir, env } = this.#options;
    const handedOn = Object.entries(env).filter(([name]) => !name.startsWith("PODBUS_"));
    return {
      command: join(binDir, plugin.name),
      args: plugin.args,
      env: { ...Object.fromEntries(handedOn), ...plugin.env },
      input,
      signal: this.#stop.signal,
    };
  }

  #failure(problem: string, cause?: unknown): PodbusError {
    const message = `credential provider plugin ${this.#options.plugin.name}: ${problem}`;
    return new PodbusError({ code: "UNKNOWN", message, cause });
  }
}

function serves({ repository, response: { cacheKeyType } }: Answer, other: string): boolean {
  return cacheKey(cacheKeyType, repository) === cacheKey(cacheKeyType, other);
}

function matches(pattern: string, repository: string): boolean {
  const [place, image] = [parseLocation(pattern), parseLocation(repository)];
  return place !== undefined && image !== undefined && matchesImage(place, image);
}
