/** What an event is about, as a v1 ObjectReference. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  /** "" or absent for a cluster-scoped object. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  /** As "spec.containers{main}". */
  readonly fieldPath?: string;
}

export type EventType = "Normal" | "Warning";

/** One thing that happened. */
export interface EventInput {
  readonly object: EventSubject;
  readonly type: EventType;
  /** CamelCase, as Kubernetes names it: "Pulled", "BackOff", … */
  readonly reason: string;
  readonly message: string;
  /** Who reports, as Kubernetes names it: "kubelet", "default-scheduler", … */
  readonly component: string;
  /** When, Unix milliseconds. Default: now. */
  readonly at?: number;
}

/** An input whose time is settled. */
export interface EventRecord extends EventInput {
  readonly at: number;
}

export interface EventRecorder extends AsyncDisposable {
  /** Never throws and never waits: the event is sent soon, or dropped with a line in the log. */
  record(event: EventInput): void;
  /** Sends what is buffered, for a bounded time. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The part of a pino logger that is used here. */
export interface EventLog {
  warn(fields: object, message: string): void;
}
