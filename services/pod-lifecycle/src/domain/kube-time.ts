/** metav1.Time: RFC 3339 in UTC with whole seconds. */
export function kubeTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Unix milliseconds of a metav1.Time; 0 if it is absent or not a time. */
export function parseKubeTime(text: string | null | undefined): number {
  const ms = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}
