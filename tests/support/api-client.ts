import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import { type KubeAccess, readKubeAccess } from "podbus";

export interface Answer {
  readonly code: number;
  // What the API answers is each test's own business.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

export interface Ask {
  /** Sent as JSON, but for bytes, which are sent as they are. */
  readonly body?: object | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: application/json. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** Speaks to a Kubernetes API as the user of a client certificate, with nothing between the test and the wire. */
export class ApiClient implements Disposable {
  readonly #access: KubeAccess;
  readonly #agent: Agent;

  constructor(access: KubeAccess) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.ca, cert: access.cert, key: access.key });
  }

  static async fromKubeconfig(file: string): Promise<ApiClient> {
    return new ApiClient(await readKubeAccess(file));
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** Rejects where there is no answer at all; any answer resolves. */
  open(method: string, path: string, { body, headers, contentType = "application/json", signal }: Ask = {}) {
    const options = {
      ...{ method, agent: this.#agent, headers: { "content-type": contentType, ...headers } },
      ...(signal ? { signal } : {}),
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(new URL(path, this.#access.apiUrl), options, resolve);
      call.once("error", reject);
      call.end(Buffer.isBuffer(body) || body === undefined ? body : JSON.stringify(body));
    });
  }

  async call(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    const response = await this.open(method, path, ask);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { code: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) };
  }

  /** As `call`, and throws for an answer that is no success. */
  async must(method: string, path: string, ask: Ask = {}): Promise<Answer["body"]> {
    const { code, body } = await this.call(method, path, ask);
    if (code >= 300) throw new Error(`${method} ${path}: ${code} ${JSON.stringify(body).slice(0, 500)}`);
    return body;
  }

  /** The events of a watch, until it ends; throws when the connection breaks or the answer is no watch. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<Answer["body"]> {
    const response = await this.open("GET", path, { signal });
    if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode}`);
    // Readline swallows the stream's error; what broke is told below.
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined);
    response.once("error", broken.reject);
    for await (const line of createInterface({ input: response })) yield JSON.parse(line);
    if (!response.complete) await Promise.race([broken.promise, Promise.reject(new Error("the watch broke"))]);
  }
}
