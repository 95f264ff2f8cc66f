import { join } from "node:path";
import type { Clock } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { type PluginCall, runPlugin } from "../adapters/run-plugin.ts";
import type { CredentialPlugin } from "../domain/credential-plugins/plugin-config.ts";
import { parsePluginResponse } from "../domain/credential-plugins/plugin-response.ts";
import { ResponseCache } from "../domain/credential-plugins/response-cache.ts";
import type { DockerCredential } from "../domain/credentials/docker-config.ts";
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

type Entries = ReadonlyMap<string, DockerCredential>;

/** What a credential provider plugin knows (KEP-2133). One run at a time for an image, however many pods wait for it. */
export class PluginCredentials implements CredentialProvider {
  readonly #options: PluginCredentialsOptions;
  readonly #cache = new ResponseCache();
  readonly #running = new Map<string, Promise<Entries>>();

  constructor(options: PluginCredentialsOptions) {
    this.#options = options;
  }

  async credentialsFor(repository: string): Promise<readonly RegistryCredential[]> {
    const { plugin, clock } = this.#options;
    if (!plugin.matchImages.some((pattern) => matches(pattern, repository))) return [];
    const entries = this.#cache.find(repository, clock.now()) ?? (await this.#askOnce(repository));
    return lookUpCredentials([{ source: { kind: "node", name: `plugin ${plugin.name}` }, entries }], repository);
  }

  #askOnce(repository: string): Promise<Entries> {
    const running = this.#running.get(repository);
    if (running) return running;
    const asked = this.#ask(repository).finally(() => this.#running.delete(repository));
    this.#running.set(repository, asked);
    return asked;
  }

  async #ask(repository: string): Promise<Entries> {
    const { plugin, clock } = this.#options;
    const output = await this.#run(repository);
    const parsed = parsePluginResponse(output, plugin.apiVersion);
    if (!parsed.ok) throw this.#failure(parsed.problem);
    const { response } = parsed;
    const cacheMs = response.cacheMs ?? plugin.defaultCacheMs;
    if (cacheMs > 0) this.#cache.keep(repository, response, clock.now() + cacheMs);
    return response.entries;
  }

  async #run(image: string): Promise<string> {
    const { clock, plugin } = this.#options;
    const request = { kind: "CredentialProviderRequest", apiVersion: plugin.apiVersion, image };
    try {
      return await runPlugin(this.#call(JSON.stringify(request)), clock);
    } catch (thrown) {
      throw this.#failure(toPodbusError(thrown).message);
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
    };
  }

  #failure(problem: string): PodbusError {
    return new PodbusError({
      code: "UNKNOWN",
      message: `credential provider plugin ${this.#options.plugin.name}: ${problem}`,
    });
  }
}

function matches(pattern: string, repository: string): boolean {
  const [place, image] = [parseLocation(pattern), parseLocation(repository)];
  return place !== undefined && image !== undefined && matchesImage(place, image);
}
