export interface EventuallyOptions {
  /** Real time. Default 10,000. */
  readonly timeoutMs?: number;
  /** Between two tries. Default 20. */
  readonly intervalMs?: number;
  /** Said when the time is over. */
  readonly message?: string;
}

/**
 * Tries until `attempt` neither throws nor answers undefined or false, and returns its answer.
 * For outcomes of real processes; with a FakeClock nothing needs waiting for.
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 20, message }: EventuallyOptions = {},
): Promise<Exclude<T, undefined | false>> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await tryOnce(attempt);
    if (outcome.met) return outcome.value;
    if (performance.now() >= giveUpAt) {
      const what = message ?? "the condition did not come true";
      throw new Error(`${what} within ${timeoutMs} ms`, { cause: outcome.cause });
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Repeats assertions until they all hold: `eventually` for attempts that answer nothing. */
export async function eventuallyPasses(assertions: () => unknown, options?: EventuallyOptions): Promise<void> {
  await eventually(async () => {
    await assertions();
    return true;
  }, options);
}

type Outcome<T> =
  | { readonly met: true; readonly value: Exclude<T, undefined | false> }
  | { readonly met: false; readonly cause?: unknown };

async function tryOnce<T>(attempt: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await attempt();
    if (value === undefined || value === false) return { met: false };
    return { met: true, value: value as Exclude<T, undefined | false> };
  } catch (cause) {
    return { met: false, cause };
  }
}
