const shape = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Unix milliseconds of an RFC 3339 time; undefined if it is none. */
export function parseTime(text: string): number | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const milliseconds = Date.parse(text);
  const day = Number(match[3]);
  const daysOfMonth = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate();
  // A zone may lead out of the years that can be written.
  const writable = milliseconds >= firstTimeMs && milliseconds <= lastTimeMs;
  return !writable || day > daysOfMonth ? undefined : milliseconds;
}

/** Years have four digits (Go's Time.MarshalJSON). */
const firstTimeMs = Date.UTC(-1, 12);
export const lastTimeMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** metav1.Time: UTC, whole seconds. */
export function formatTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** metav1.MicroTime: UTC, six digits. */
export function formatMicroTime(milliseconds: number, microseconds = 0): string {
  const text = new Date(milliseconds).toISOString();
  return `${text.slice(0, 23)}${String(microseconds).padStart(3, "0")}Z`;
}

/** The stored form of a MicroTime: keeps the microseconds that a Date cannot hold. */
export function canonicalMicroTime(text: string): string | undefined {
  const milliseconds = parseTime(text);
  if (milliseconds === undefined) return undefined;
  const fraction = (shape.exec(text)?.[7] ?? ".0").slice(1).padEnd(6, "0");
  return `${formatTime(milliseconds).slice(0, 19)}.${fraction.slice(0, 6)}Z`;
}

export function canonicalTime(text: string): string | undefined {
  const milliseconds = parseTime(text);
  return milliseconds === undefined ? undefined : formatTime(milliseconds);
}
