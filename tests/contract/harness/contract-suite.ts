import type { DescMethodServerStreaming, DescMethodUnary, DescService, MessageInitShape } from "@bufbuild/protobuf";
import type { Tracer } from "@opentelemetry/api";
import type { Bus, Target } from "@podbus/bus";
import type { Code } from "@podbus/errors";
import type { ObjectStore } from "@podbus/store";
import type { Logger } from "@podbus/telemetry";

/** What a provider is started with. A new one for each example, so that no example sees another's traces. */
export interface Bench {
  /** A bus on a connection of its own: the provider's, a fake neighbour's. */
  bus(name: string): Promise<Bus>;
  /** An empty store: in memory, or in the same nats-server as the bus. */
  store(): Promise<ObjectStore>;
  readonly log: Logger;
  readonly tracer: Tracer;
  /** Disposed in reverse order after the example. */
  readonly cleanup: AsyncDisposableStack;
}

/**
 * What a caller sees. Messages are compared in the form of `readable` (harness/readable.ts): JSON, without absent
 * fields, with `…_json` bytes parsed. Matchers (`expect.any(…)`) may stand for what differs from run to run.
 */
export type Answer =
  | { readonly reply: unknown }
  /** A stream; `stillOpen`: the caller leaves after these. `error`: how it ends after them. */
  | { readonly replies: readonly unknown[]; readonly stillOpen?: true; readonly error?: ExpectedError }
  | { readonly error: ExpectedError };

/** Compared field by field; a field that is left out may be anything. */
export interface ExpectedError {
  readonly code: Code;
  readonly reason?: string;
  readonly message?: unknown;
  readonly retryable?: boolean;
  readonly retryAfterMs?: unknown;
}

/** One request, delivered twice, and what is to be seen. */
export interface Example<Request, World> {
  /** A sentence. */
  readonly that: string;
  /** Puts what is below the provider into a state. */
  readonly given?: (world: World) => unknown;
  readonly request: Request | ((world: World) => Request);
  readonly answer: Answer;
  /** How long the caller waits; default: longer than any answer takes. */
  readonly timeoutMs?: number;
  /** The caller gives up once this has resolved. */
  readonly cancelWhen?: (world: World) => Promise<unknown>;
  /** What the second delivery answers; default: the same. */
  readonly again?: Answer;
  /** Checks the effect of both deliveries together: it happened, and once. */
  readonly effect?: (world: World) => unknown;
}

/** Every method of a contract, by examples, against its real provider. */
export interface ContractSuite<S extends DescService = DescService, World = unknown> {
  readonly service: S;
  /** Where callers find it. */
  readonly target: Target;
  /** Starts the service as its process would, with fakes only for what is below its ports. */
  start(bench: Bench): Promise<World>;
  readonly examples: ExamplesOf<S, World>;
}

export type ExamplesOf<S extends DescService, World> = {
  readonly [K in keyof S["method"]]: S["method"][K] extends
    | DescMethodUnary<infer I>
    | DescMethodServerStreaming<infer I>
    ? readonly [Example<MessageInitShape<I>, World>, ...Example<MessageInitShape<I>, World>[]]
    : never;
};

/** A suite of any contract; only `defineSuite` makes one, which checks it as what it is. */
export interface AnySuite {
  readonly service: DescService;
  readonly target: Target;
  start(bench: Bench): Promise<unknown>;
  readonly examples: Readonly<Record<string, readonly Example<Record<string, unknown>, unknown>[]>>;
}

export function defineSuite<S extends DescService, World>(suite: ContractSuite<S, World>): AnySuite {
  return suite as unknown as AnySuite;
}

/** An object as the bytes of a `…_json` field. */
export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
