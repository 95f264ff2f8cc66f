/** A metav1.Time: whole seconds, UTC. */
export function toTime(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A metav1.MicroTime. */
export function toMicroTime(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/Z$/, "000Z");
}
