import { type DescMethod, type DescService, fromBinary, getOption, type Message } from "@bufbuild/protobuf";
import { open_ended } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { Target } from "../bus.ts";
import { encodeError } from "../domain/error-headers.ts";
import { header } from "../domain/headers.ts";
import { decodeNodeName } from "../domain/node-token.ts";
import { ServiceSubjects } from "../domain/subjects.ts";
import type { InboundMessage, TransportSubscription } from "../transport.ts";
import { Discovery } from "./discovery.ts";
import { EndpointStats } from "./endpoint-stats.ts";
import type { ProviderCore, ProviderRoute } from "./provider.ts";
import { ServerStream } from "./serve-stream.ts";
import { serveUnary } from "./serve-unary.ts";
import { ServerCall } from "./server-call.ts";

export interface ServeInit {
  readonly core: ProviderCore;
  readonly service: DescService;
  readonly target: Target;
  readonly implementation: object;
  /** ADR-32: an id of this instance, its version, and who runs it. */
  readonly instance: string;
  readonly version: string;
  readonly process: string;
}

interface ActiveCall {
  readonly call: ServerCall;
  readonly route: ProviderRoute;
  readonly stream: ServerStream | undefined;
}

/** One service that a bus provides: its subscriptions and its running calls. */
export class ServedService implements AsyncDisposable {
  readonly #init: ServeInit;
  readonly #subjects: ServiceSubjects;
  readonly #routes: readonly ProviderRoute[];
  readonly #requests: TransportSubscription[] = [];
  readonly #controls: TransportSubscription[] = [];
  /** By node and reply subject: a call that is delivered again while it runs is the same call. */
  readonly #active = new Map<string, ActiveCall>();
  readonly #running = new Set<Promise<void>>();
  #denied: string | undefined;
  #stopping: Promise<void> | undefined;

  constructor(init: ServeInit) {
    this.#init = init;
    this.#subjects = new ServiceSubjects(init.service, init.target);
    this.#routes = init.service.methods.map((method) => this.#routeOf(method));
  }

  /** Resolves when the server knows the subscriptions. */
  async start(flushed: () => Promise<void>): Promise<void> {
    const { instance } = this.#init;
    for (const control of [instance, "all"]) {
      this.#listen(this.#controls, this.#subjects.control(control), undefined, (message) => this.#onControl(message));
    }
    for (const route of this.#routes) {
      this.#listen(this.#requests, route.subject, this.#subjects.token, (message) => this.#onRequest(route, message));
    }
    const discovery = new Discovery(this.#describe(), this.#routes, this.#subjects.token);
    for (const { subject, answer } of discovery.answers) {
      this.#listen(this.#requests, subject, undefined, (message) => this.#answerDiscovery(message, answer));
    }
    await flushed();
    if (this.#denied === undefined) return;
    this.#close();
    const message = `${this.#init.service.typeName} may not be served here: the server denies ${this.#denied}`;
    throw new PodbusError({ code: "PERMISSION_DENIED", message });
  }

  /** Messages of running streams are lost: end them, so that their callers open them again. */
  onDisconnected(): void {
    for (const { call, stream } of this.#active.values()) if (stream) call.abandon("the connection was lost");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const drained = Promise.all(this.#requests.map((subscription) => subscription.drain()));
    this.#abandonCalls(({ route }) => route.openEnded);
    await this.#bounded(drained.then(() => this.#idle()));
    this.#abandonCalls(() => true);
    this.#close();
  }

  async #idle(): Promise<void> {
    this.#abandonCalls(({ route }) => route.openEnded);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #bounded(work: Promise<void>): Promise<void> {
    const { clock, timing, log } = this.#init.core;
    let cancelTimer = () => {};
    const bound = new Promise<void>((resolve) => {
      cancelTimer = clock.after(timing.drainMs, () => {
        log?.warn(
          { service: this.#init.service.name, running: this.#running.size },
          "stopping with handlers that still run",
        );
        resolve();
      });
    });
    await Promise.race([work, bound]);
    cancelTimer();
  }

  #abandonCalls(which: (active: ActiveCall) => boolean): void {
    for (const active of [...this.#active.values()]) if (which(active)) active.call.abandon("the provider stops");
  }

  #close(): void {
    for (const subscription of [...this.#requests, ...this.#controls]) subscription.close();
  }

  #listen(
    into: TransportSubscription[],
    subject: string,
    queue: string | undefined,
    onMessage: (message: InboundMessage) => void,
  ): void {
    const onDenied = () => {
      this.#denied = subject;
      this.#init.core.log?.error({ subject }, "the server denies a subscription");
    };
    const options = queue === undefined ? { onDenied } : { onDenied, queue };
    into.push(this.#init.core.transport.subscribe(subject, options, onMessage));
  }

  #onRequest(route: ProviderRoute, request: InboundMessage): void {
    const { core } = this.#init;
    if (request.reply === "") return; // Nobody waits for the answer, so nobody made this call.
    const nodeToken = this.#subjects.nodeTokenOf(request.subject);
    const key = `${nodeToken}/${request.reply}`;
    if (this.#active.has(key)) return; // Sent again after a reconnect: the running call answers.
    const node = nodeToken === "" ? "" : decodeNodeName(nodeToken);
    if (node === undefined) {
      this.#refuse(route, request, "the subject names no node");
      return;
    }
    const message = decodeRequest(route.method, request.data);
    if (message === undefined) {
      this.#refuse(route, request, "the request cannot be decoded");
      return;
    }
    const call = new ServerCall({ core, route, request, node, onEnded: () => this.#active.delete(key) });
    const stream = route.method.methodKind === "unary" ? undefined : new ServerStream(call, core, route, request);
    this.#active.set(key, { call, route, stream });
    const running = stream ? stream.run(message) : serveUnary(call, route, message);
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  #refuse(route: ProviderRoute, request: InboundMessage, why: string): void {
    const error = new PodbusError({ code: "INVALID_ARGUMENT", message: `${route.label}: ${why}` });
    route.stats.count(0, error);
    const end = { [header.sequence]: "1", [header.end]: "1" };
    this.#init.core.send({
      subject: request.reply,
      data: new Uint8Array(),
      headers: { ...encodeError(error), ...end },
    });
  }

  #onControl({ subject, headers }: InboundMessage): void {
    const active = this.#active.get(`${this.#subjects.nodeTokenOf(subject)}/${headers[header.call] ?? ""}`);
    if (!active) return; // Another instance's, or over already.
    if (headers[header.control] === "cancel") active.call.cancel("cancelled by the caller");
    if (headers[header.control] === "credit") active.stream?.credit(Number(headers[header.consumed]));
  }

  #answerDiscovery(request: InboundMessage, answer: () => object): void {
    if (request.reply === "") return;
    const data = new TextEncoder().encode(JSON.stringify(answer()));
    this.#init.core.send({ subject: request.reply, data });
  }

  #routeOf(method: DescMethod): ProviderRoute {
    const { service, implementation, instance } = this.#init;
    const handler: unknown = Reflect.get(implementation, method.localName);
    if (typeof handler !== "function") throw new TypeError(`${service.typeName} is served without ${method.localName}`);
    return {
      method,
      label: `${service.name}.${method.name}`,
      subject: this.#subjects.method(method),
      openEnded: getOption(method, open_ended),
      instance,
      stats: new EndpointStats(),
      handler: (request, context) => handler.call(implementation, request, context),
    };
  }

  #describe() {
    const { service, target, instance, version, process, core } = this.#init;
    return {
      name: this.#subjects.token,
      id: instance,
      version,
      startedMs: core.clock.now(),
      metadata: { contract: service.typeName, process, ...(target.node ? { node: target.node } : {}) },
    };
  }
}

function decodeRequest(method: DescMethod, data: Uint8Array): Message | undefined {
  try {
    return fromBinary(method.input, data);
  } catch {
    return undefined; // Whatever is wrong with the bytes, the caller is told that they are.
  }
}
