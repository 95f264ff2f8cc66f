import type { MessageInitShape } from "@bufbuild/protobuf";
import { context as active, type Context, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import type { CallContext } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { EnsuredImageSchema, EnsureImageRequest, EnsureImageResponseSchema, PodRef } from "@podbus/contracts";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { ImageAccess } from "../access/image-access.ts";
import type { ImageGuard } from "../collection/image-guard.ts";
import { CallCredentials } from "../credentials/call-credentials.ts";
import type { PullCredentials } from "../credentials/pull-credentials.ts";
import { unknownBytes } from "../domain/download-progress.ts";
import { formatDuration } from "../domain/go-text.ts";
import { type ImageReference, parseImageReference } from "../domain/image-reference.ts";
import type { PodOrder } from "../domain/pod-order.ts";
import { attemptKey, type PullAttempts } from "../domain/pull-attempts.ts";
import {
  backOffText,
  decidePull,
  needsPresence,
  type PullPolicy,
  parsePullPolicy,
  type StoredImage,
  withNextTry,
} from "../domain/pull-decision.ts";
import { explainPullFailure, withFailedSources } from "../domain/pull-failure.ts";
import type { ImageRuntime, PullEvent, PullEvents, WantedImage } from "../ports.ts";
import type { ImagePulls } from "../pulls/image-pulls.ts";
import type { PullBoard, WaitingCall } from "../pulls/pull-board.ts";
import type { PullOutcome } from "../pulls/shared-pulls.ts";
import { followPull, progress } from "./follow-pull.ts";

export interface EnsureImageDeps {
  readonly images: ImageRuntime;
  readonly events: PullEvents;
  readonly pulls: ImagePulls;
  readonly order: PodOrder;
  readonly board: PullBoard;
  readonly guard: ImageGuard;
  readonly access: ImageAccess;
  readonly credentials: PullCredentials;
  readonly attempts: PullAttempts;
  readonly clock: Clock;
  readonly tracer: Tracer;
  /** Whether the runtime keeps an image for each runtime handler apart (KEP-4216, RuntimeClassInImageCriApi). */
  readonly perRuntimeHandler: boolean;
}

type Update = MessageInitShape<typeof EnsureImageResponseSchema>;
type Ensured = MessageInitShape<typeof EnsuredImageSchema>;

/** Where the runtime itself was away there is no back-off: its client finds it again within half a second. */
const runtimeAwayRetryMs = 1_000;

/** ImagePuller.EnsureImage: load → decide → pull → reply. Safe to repeat: a second call finds the image or joins the pull. */
export function ensureImage(
  deps: EnsureImageDeps,
  request: EnsureImageRequest,
  call: CallContext,
): AsyncGenerator<Update, void, void> {
  return new EnsureImage(deps, checked(deps, request), active.active()).run(call.signal);
}

interface Wish {
  readonly pod: PodRef;
  readonly containerName: string;
  readonly image: string;
  readonly policy: PullPolicy;
  readonly runtimeHandler: string;
  readonly imagePullSecrets: readonly string[];
}

function checked({ perRuntimeHandler }: EnsureImageDeps, request: EnsureImageRequest): Wish {
  const { pod, containerName, image, pullPolicy, runtimeHandler, imagePullSecrets } = request;
  const policy = parsePullPolicy(pullPolicy);
  if (!pod?.uid || !pod.name || !pod.namespace) throw invalid("pod: namespace, name and uid are required");
  if (!containerName) throw invalid("container_name: required");
  if (!policy) throw invalid(`pull_policy: "${pullPolicy}" is none of Always, IfNotPresent, Never`);
  return {
    pod,
    containerName,
    image,
    policy,
    runtimeHandler: perRuntimeHandler ? runtimeHandler : "",
    imagePullSecrets,
  };
}

/** One call. */
class EnsureImage {
  readonly #deps: EnsureImageDeps;
  readonly #wish: Wish;
  readonly #context: Context;
  readonly #key: string;
  readonly #credentials: CallCredentials;

  constructor(deps: EnsureImageDeps, wish: Wish, context: Context) {
    this.#deps = deps;
    this.#wish = wish;
    this.#context = context;
    this.#key = attemptKey(wish.pod.uid, wish.image);
    const { credentials, events } = deps;
    this.#credentials = new CallCredentials({ credentials, events, pod: wish.pod, secrets: wish.imagePullSecrets });
  }

  async *run(signal: AbortSignal): AsyncGenerator<Update, void, void> {
    const { attempts, clock, guard } = this.#deps;
    const { image, policy, runtimeHandler } = this.#wish;
    const parsed = parseImageReference(image);
    using _held = parsed.ok ? await guard.hold(parsed.reference.canonical) : undefined;
    const present =
      parsed.ok && needsPresence(policy)
        ? await this.#inspect({ reference: parsed.reference, image, runtimeHandler })
        : undefined;
    const hidden = parsed.ok && present && (await this.#mustShowAccess(parsed.reference, present, signal));
    const backOff = attempts.current(this.#key, clock.monotonic());
    const decision = decidePull({ image, policy, parsed, present, accessible: !hidden, backOff });
    switch (decision.kind) {
      case "use-present":
        this.#record("Normal", "Pulled", `Container image "${image}" already present on machine`);
        yield this.#ensured({ ...described(decision.image), alreadyPresent: true });
        return;
      case "pull":
        yield* this.#pull({ reference: decision.reference, image, runtimeHandler }, signal);
        return;
      case "wait":
        this.#record("Normal", "BackOff", backOffText(image));
        throw this.#refusal({
          code: "UNAVAILABLE",
          reason: decision.reason,
          message: decision.message,
          retryAfterMs: decision.remainingMs,
        });
      case "refuse":
        this.#record("Warning", refusalEvents[decision.reason], decision.message);
        throw this.#refusal({ ...refusalCodes[decision.reason], reason: decision.reason, message: decision.message });
    }
  }

  /** Secrets are only read where it depends on them: an image that anybody may use needs no API to be there. */
  async #mustShowAccess(reference: ImageReference, present: StoredImage, signal: AbortSignal): Promise<boolean> {
    const { access } = this.#deps;
    if (!access.mustAttemptPull(reference, present.id, [])) return false;
    const available = await this.#credentials.ofPod(reference, signal);
    return available.length === 0 || access.mustAttemptPull(reference, present.id, available);
  }

  async #inspect(wanted: WantedImage): Promise<StoredImage | undefined> {
    try {
      return await this.#deps.images.find(wanted);
    } catch (thrown) {
      const cause = toPodbusError(thrown);
      const message = `Failed to inspect image "${this.#wish.image}": ${cause.message}`;
      this.#record("Warning", "InspectFailed", message);
      const away = cause.code === "UNAVAILABLE" ? { retryAfterMs: runtimeAwayRetryMs } : {};
      throw this.#refusal({ code: cause.code, reason: "ImageInspectError", message, retryable: true, cause, ...away });
    }
  }

  async *#pull(wanted: WantedImage, signal: AbortSignal): AsyncGenerator<Update, void, void> {
    this.#record("Normal", "Pulling", `Pulling image "${wanted.image}"`);
    const { board, pulls } = this.#deps;
    const { pod } = this.#wish;
    const call = this.#waitingCall();
    using _listed = board.enter(call);
    using _turn = yield* this.#podsTurn(call, signal);
    const span = this.#deps.tracer.startSpan("pull image", { attributes: { image: wanted.image } }, this.#context);
    try {
      const available = await this.#credentials.all(wanted.reference, signal);
      const start = () => pulls.start(wanted, available, `${pod.namespace}/${pod.name}`);
      const pull = active.with(trace.setSpan(this.#context, span), start);
      span.setAttribute("shared", pull.joined);
      const outcome = yield* followPull({ pull, call, board, span }, signal);
      if (!outcome.ok) throw this.#pullFailed(pull.id, outcome.error);
      const done = await this.#pulled(wanted, outcome);
      span.setAttribute("bytes", Number(done.sizeBytes));
      yield this.#ensured(done);
    } catch (thrown) {
      failSpan(span, thrown);
      throw thrown;
    } finally {
      span.end();
    }
  }

  /** Behind other images of the same pod the position is that among them. */
  async *#podsTurn(call: WaitingCall, signal: AbortSignal): AsyncGenerator<Update, Disposable, void> {
    const { board, order } = this.#deps;
    const steps = order.enter(call.pod.uid, call.image, signal);
    try {
      for (;;) {
        const step = await steps.next();
        if (step.done) return step.value;
        const state = { queuePosition: step.value, bytes: unknownBytes };
        board.update(call, state);
        yield progress(state);
      }
    } finally {
      await steps.return({ [Symbol.dispose]: () => {} });
    }
  }

  #waitingCall(): WaitingCall {
    const { pod, containerName, image } = this.#wish;
    return { pod, containerName, image, askedAtMs: this.#deps.clock.now() };
  }

  async #pulled(
    wanted: WantedImage,
    outcome: PullOutcome & { ok: true },
  ): Promise<Ensured & { imageRef: string; sizeBytes: bigint }> {
    const stored = await this.#inspect(wanted);
    const { imageId, pullMs, waitedMs } = outcome;
    const sizeBytes = stored?.sizeBytes ?? 0n;
    const took = `${formatDuration(pullMs)} (${formatDuration(pullMs + waitedMs)} including waiting)`;
    const text = `Successfully pulled image "${wanted.image}" in ${took}. Image size: ${sizeBytes} bytes.`;
    this.#record("Normal", "Pulled", text);
    this.#deps.attempts.succeed(this.#key);
    const repoDigest = stored ? described(stored).repoDigest : "";
    return {
      imageRef: imageId,
      repoDigest,
      sizeBytes,
      alreadyPresent: false,
      pullMs: Math.round(pullMs),
      waitedMs: Math.round(waitedMs),
    };
  }

  #ensured(value: Ensured & { readonly imageRef: string }): Update {
    this.#deps.guard.ensured(value.imageRef, this.#deps.clock.now());
    return { update: { case: "image", value } };
  }

  #pullFailed(pullId: number, error: PodbusError): PodbusError {
    const { attempts, clock } = this.#deps;
    const { image } = this.#wish;
    const failure = withFailedSources(explainPullFailure(image, error), this.#credentials.failures);
    this.#record("Warning", "Failed", `Failed to pull image "${image}": ${failure.detail}`);
    const { code, reason, message } = failure;
    if (!failure.counts) {
      return this.#refusal({ code, reason, message, retryAfterMs: runtimeAwayRetryMs, cause: error });
    }
    const backOff = attempts.fail(
      this.#key,
      { pullId, cause: `${reason}: ${message}`, wallMs: clock.now() },
      clock.monotonic(),
    );
    return this.#refusal({
      code,
      reason,
      message: withNextTry({ ...backOff, cause: message }),
      retryable: true,
      retryAfterMs: backOff.remainingMs,
      cause: error,
    });
  }

  /** Kubernetes reports the waiting reason itself as an event too (kuberuntime_container.go, startContainer). */
  #refusal(init: ConstructorParameters<typeof PodbusError>[0] & { readonly reason: string }): PodbusError {
    this.#record("Warning", "Failed", `Error: ${init.reason}`);
    return new PodbusError(init);
  }

  #record(type: PullEvent["type"], reason: string, message: string): void {
    const { pod, containerName } = this.#wish;
    this.#deps.events.record({ pod, containerName, type, reason, message });
  }
}

/** The kubelet's event reasons for what it refuses (pkg/kubelet/events/event.go). */
const refusalEvents = { InvalidImageName: "InspectFailed", ErrImageNeverPull: "ErrImageNeverPull" } as const;

const refusalCodes = {
  InvalidImageName: { code: "INVALID_ARGUMENT" },
  ErrImageNeverPull: { code: "FAILED_PRECONDITION" },
} as const;

function described(stored: StoredImage): Ensured & { imageRef: string; repoDigest: string } {
  return { imageRef: stored.id, repoDigest: stored.repoDigests[0] ?? "", sizeBytes: stored.sizeBytes };
}

function failSpan(span: Span, thrown: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: toPodbusError(thrown).message });
}

function invalid(message: string): PodbusError {
  return new PodbusError({ code: "INVALID_ARGUMENT", message });
}
