import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";

/** Carries bytes both ways until both have ended, or one breaks: then the other one is broken too. */
export async function splice(one: Duplex, other: Duplex): Promise<void> {
  one.pipe(other);
  other.pipe(one);
  const ends = [one, other].map((stream) =>
    finished(stream).catch(() => {
      // Broken: nothing more can pass.
      one.destroy();
      other.destroy();
    }),
  );
  await Promise.all(ends);
}
