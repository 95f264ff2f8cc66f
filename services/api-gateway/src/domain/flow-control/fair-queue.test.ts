import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairQueue, type Waiting } from "./fair-queue.ts";

/** Requests by name; what has started, in order. */
function stage(limits: { seats: number; perFlow?: number; total?: number }) {
  const queue = new FairQueue({ perFlow: 3, total: 5, ...limits });
  const started: string[] = [];
  const request = (name: string, seats = 1): Waiting => ({
    flow: name.slice(0, 1),
    seats,
    start: () => started.push(name),
  });
  return { queue, started, request };
}

describe("seats", () => {
  it("are given at once while there are some", () => {
    const { queue, request } = stage({ seats: 2 });
    expect([queue.enter(request("a1")), queue.enter(request("a2")), queue.enter(request("a3"))]).toEqual([
      "now",
      "now",
      "later",
    ]);
  });

  it("go to the flows by turns, and within a flow in order", () => {
    const { queue, request, started } = stage({ seats: 1 });
    const first = request("a0");
    queue.enter(first);
    for (const name of ["a1", "a2", "a3", "b1", "c1"]) expect(queue.enter(request(name))).toBe("later");
    for (let turn = 0; turn < 5; turn += 1) queue.leave(first);
    expect(started).toEqual(["a1", "b1", "c1", "a2", "a3"]);
  });

  it("are waited for by a large request, which no small one passes by", () => {
    const { queue, request, started } = stage({ seats: 3 });
    const small = [request("a1"), request("a2"), request("a3")];
    for (const each of small) queue.enter(each);
    queue.enter(request("b", 2));
    queue.enter(request("c"));
    for (const each of small.slice(0, 1)) queue.leave(each);
    expect(started).toEqual([]);
    queue.leave(request("a2"));
    expect(started).toEqual(["b"]);
    queue.leave(request("a3"));
    expect(started).toEqual(["b", "c"]);
  });

  it("are all there are for a request that would need more", () => {
    const { queue, request } = stage({ seats: 2 });
    expect(queue.enter(request("a", 10))).toBe("now");
    expect(queue.enter(request("b"))).toBe("later");
  });
});

describe("waiting", () => {
  it.each([
    ["a flow has so many places", ["a1", "a2", "a3", "a4"], "refused"],
    ["another flow has its own", ["a1", "a2", "a3", "b1"], "later"],
    ["all together have so many", ["a1", "a2", "a3", "b1", "b2", "c1"], "refused"],
  ])("%s", (_sentence, names, last) => {
    const { queue, request } = stage({ seats: 1 });
    queue.enter(request("x"));
    expect(names.map((name) => queue.enter(request(name))).at(-1)).toBe(last);
  });

  it("ends for who gives up, and the next one moves up", () => {
    const { queue, request, started } = stage({ seats: 2 });
    queue.enter(request("a", 1));
    const large = request("b", 2);
    queue.enter(large);
    queue.enter(request("c"));
    queue.giveUp(large);
    expect(started).toEqual(["c"]);
  });
});

it("never gives out more seats than there are, and everybody who waits gets his turn", () => {
  const requests = fc.array(fc.record({ flow: fc.constantFrom("a", "b", "c"), seats: fc.integer({ min: 1, max: 4 }) }));
  fc.assert(
    fc.property(requests, fc.integer({ min: 1, max: 5 }), (wanted, seats) => {
      const queue = new FairQueue({ seats, perFlow: 1_000, total: 1_000 });
      const running: Waiting[] = [];
      let done = 0;
      for (const { flow, seats: needs } of wanted) {
        const request: Waiting = { flow, seats: needs, start: () => running.push(request) };
        if (queue.enter(request) === "now") running.push(request);
      }
      for (let next = running.shift(); next; next = running.shift()) {
        const taken = [next, ...running].reduce((sum, each) => sum + Math.min(each.seats, seats), 0);
        expect(taken).toBeLessThanOrEqual(seats);
        done += 1;
        queue.leave(next);
      }
      expect(done).toBe(wanted.length);
    }),
  );
});
