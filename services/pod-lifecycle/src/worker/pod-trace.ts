import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { annotations, type Pod, type PodStatus } from "@podbus/kube";
import { contextOf } from "@podbus/telemetry";

/**
 * The two spans that a pod's steps hang below: `pod start`, from the feed to Ready, and `pod stop`, from the deletion
 * to the object's end. What happens between them (restarts, probes that change) begins traces of its own.
 */
export class PodTrace {
  readonly #tracer: Tracer;
  readonly #attributes: Record<string, string>;
  #start: Span | undefined;
  #stop: Span | undefined;
  #startOver = false;

  constructor(tracer: Tracer, pod: Pod, nodeName: string) {
    this.#tracer = tracer;
    const { name, namespace = "", uid = "" } = pod.metadata;
    this.#attributes = {
      "k8s.pod.name": name,
      "k8s.namespace.name": namespace,
      "k8s.pod.uid": uid,
      "k8s.node.name": nodeName,
    };
  }

  /** Takes note of what the feed says. */
  follow(pod: Pod): void {
    if (!this.#startOver && !this.#start && !isOver(pod.status) && !pod.metadata.deletionTimestamp) {
      const parent = contextOf(pod.metadata.annotations?.[annotations.traceparent]);
      this.#start = this.#tracer.startSpan("pod start", { attributes: this.#attributes }, parent);
    }
    if (!pod.metadata.deletionTimestamp) return;
    this.#endStart("deleted");
    if (this.#stop) return;
    const parent = contextOf(pod.metadata.annotations?.[annotations.deletionTraceparent]);
    this.#stop = this.#tracer.startSpan("pod stop", { attributes: this.#attributes }, parent);
  }

  /** The context of whatever is done now. */
  get context(): Context {
    const span = this.#stop ?? this.#start;
    return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  }

  /** The API has taken this status. */
  statusTaken(status: PodStatus): void {
    if (isReady(status)) this.#endStart(undefined);
    else if (isOver(status)) this.#endStart(status.phase === "Succeeded" ? undefined : (status.reason ?? "Failed"));
  }

  end(): void {
    this.#endStart("gone");
    this.#stop?.end();
    this.#stop = undefined;
  }

  #endStart(failure: string | undefined): void {
    this.#startOver = true;
    if (failure !== undefined) this.#start?.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    this.#start?.end();
    this.#start = undefined;
  }
}

const isReady = (status: PodStatus): boolean =>
  status.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;

const isOver = (status: PodStatus | undefined): boolean =>
  status !== undefined && (isReady(status) || status.phase === "Succeeded" || status.phase === "Failed");
