import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WatchEvent } from "../object-store.ts";
import { EventWindow } from "./event-window.ts";
import { storedObjectOf } from "./stored-value.ts";

const key = { resource: "pods", namespace: "default", name: "a" };
const eventAt = (revision: number): WatchEvent => ({
  type: "ADDED",
  object: storedObjectOf(key, revision, { metadata: { name: "a" } }),
});

describe("EventWindow", () => {
  it("either shows all events after a revision, in order, or says that some are lost", () => {
    const steps = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), steps, fc.nat(200), (size, increments, from) => {
        const window = new EventWindow(size, 0);
        const revisions: number[] = [];
        for (const increment of increments) revisions.push((revisions.at(-1) ?? 0) + increment);
        for (const revision of revisions) window.push(eventAt(revision));
        const position = window.positionAfter(from);
        const wanted = revisions.filter((revision) => revision > from);
        if (position === "lost") return wanted.length >= size;
        const seen: number[] = [];
        for (let at = position; at < window.end; at++) {
          const event = window.at(at);
          if (event && event !== "lost") seen.push(event.object.revision);
        }
        expect(seen).toEqual(wanted);
        return true;
      }),
      { numRuns: 500 },
    );
  });

  it("loses the position of a reader that it has overtaken", () => {
    const window = new EventWindow(4, 0);
    window.push(eventAt(1));
    const position = window.positionAfter(0);
    for (let revision = 2; revision < 20; revision++) window.push(eventAt(revision));
    expect(position === "lost" ? position : window.at(position)).toBe("lost");
    expect(window.positionAfter(0)).toBe("lost");
    expect(window.floor).toBeGreaterThan(0);
  });
});
