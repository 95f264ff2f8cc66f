import { describe, expect, it } from "vitest";
import { FeedProgress } from "./feed-progress.ts";

type Message = readonly [sequence: number, pending: number] | "nothing";
interface Case {
  readonly start: () => FeedProgress;
  readonly messages: readonly Message[];
  readonly meaning: readonly string[];
  readonly revision: number;
}

const cases: Record<string, Case> = {
  "an empty stream is loaded at once, at its last sequence": {
    start: () => FeedProgress.load(7),
    messages: ["nothing"],
    meaning: ["loaded"],
    revision: 7,
  },
  "holes are expected while loading": {
    start: () => FeedProgress.load(9),
    messages: [
      [3, 2],
      [7, 1],
      [9, 0],
      [10, 0],
    ],
    meaning: ["loading", "loading", "loaded", "following"],
    revision: 10,
  },
  "a load that ends before the stream's end (its tail was purged) stands at the stream's end": {
    start: () => FeedProgress.load(12),
    messages: [
      [3, 1],
      [9, 0],
      [13, 0],
    ],
    meaning: ["loading", "loaded", "following"],
    revision: 13,
  },
  "writes during the load belong to it": {
    start: () => FeedProgress.load(9),
    messages: [
      [9, 2],
      [12, 1],
      [14, 0],
    ],
    meaning: ["loading", "loading", "loaded"],
    revision: 14,
  },
  "a hole while following is a gap": {
    start: () => FeedProgress.load(1),
    messages: [
      [1, 0],
      [2, 0],
      [4, 0],
    ],
    meaning: ["loaded", "following", "gap"],
    revision: 2,
  },
  "the same sequence twice is a gap": {
    start: () => FeedProgress.resume(5, 5),
    messages: [
      [6, 0],
      [6, 0],
    ],
    meaning: ["following", "gap"],
    revision: 6,
  },
  "resuming where nothing happened goes on": {
    start: () => FeedProgress.resume(5, 5),
    messages: ["nothing", [6, 0]],
    meaning: ["following", "following"],
    revision: 6,
  },
  "resuming reads all that was missed": {
    start: () => FeedProgress.resume(5, 7),
    messages: [
      [6, 1],
      [7, 0],
    ],
    meaning: ["following", "following"],
    revision: 7,
  },
  "resuming behind a removed message is a gap": {
    start: () => FeedProgress.resume(5, 7),
    messages: [[7, 0]],
    meaning: ["gap"],
    revision: 5,
  },
  "resuming when all that was missed was removed is a gap": {
    start: () => FeedProgress.resume(5, 7),
    messages: ["nothing"],
    meaning: ["gap"],
    revision: 5,
  },
  "resuming when the end of what was missed was removed is a gap": {
    start: () => FeedProgress.resume(5, 7),
    messages: [[6, 0]],
    meaning: ["gap"],
    revision: 6,
  },
};

describe("FeedProgress", () => {
  for (const [sentence, { start, messages, meaning, revision }] of Object.entries(cases)) {
    it(sentence, () => {
      const progress = start();
      const seen = messages.map((m) => (m === "nothing" ? progress.receiveNothing() : progress.receive(...m)));
      expect({ seen, revision: progress.revision }).toEqual({ seen: meaning, revision });
    });
  }
});
