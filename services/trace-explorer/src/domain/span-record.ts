/** One finished span as this service keeps it, whatever way it came in. */
export interface SpanRecord {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** "" for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  /** The resource's service.name. */
  readonly service: string;
  /** Unix nanoseconds. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string>>;
  readonly failed: boolean;
  readonly statusMessage: string;
  readonly events: readonly SpanEventRecord[];
}

export interface SpanEventRecord {
  readonly name: string;
  readonly atNs: bigint;
  readonly attributes: Readonly<Record<string, string>>;
}
