import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { podFixture } from "../object-fixtures.ts";
import { BinaryHeap } from "./binary-heap.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

const pod = (name: string, priority = 0) => podFixture(name, { priority });
const uid = (name: string) => `uid-${name}`;

function takeAll(queue: SchedulingQueue): string {
  const names: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) names.push(next.demand.name);
  return names.join(" ");
}

describe("SchedulingQueue", () => {
  it("gives pods in order of arrival", () => {
    const queue = new SchedulingQueue();
    for (const name of ["a", "b", "c"]) queue.offer(pod(name));
    expect(takeAll(queue)).toBe("a b c");
  });

  it("gives a higher priority first", () => {
    const queue = new SchedulingQueue();
    queue.offer(pod("a"));
    queue.offer(pod("b", 10));
    queue.offer(pod("c", 10));
    expect(takeAll(queue)).toBe("b c a");
  });

  it("takes a pod once, however often it is offered", () => {
    const queue = new SchedulingQueue();
    expect([queue.offer(pod("a")), queue.offer(pod("a"))]).toEqual([true, false]);
    expect(takeAll(queue)).toBe("a");
  });

  it("forgets a removed pod, even one that comes again", () => {
    const queue = new SchedulingQueue();
    queue.offer(pod("a"));
    queue.remove(uid("a"));
    expect(takeAll(queue)).toBe("");
    queue.offer(pod("a"));
    queue.remove(uid("a"));
    queue.offer(pod("a"));
    expect(takeAll(queue)).toBe("a");
  });

  const parkedAt = (nowMs: number) => {
    const queue = new SchedulingQueue();
    queue.offer(pod("a"));
    queue.take();
    queue.park(uid("a"), nowMs);
    return queue;
  };

  it("keeps a parked pod for five minutes", () => {
    const queue = parkedAt(1000);
    expect(queue.nextDueMs()).toBe(301_000);
    queue.advance(300_999);
    expect(takeAll(queue)).toBe("");
    queue.advance(301_000);
    expect(takeAll(queue)).toBe("a");
  });

  it("wakes a parked pod at once when something may help", () => {
    const queue = parkedAt(1000);
    queue.wake(1001, () => false);
    expect(takeAll(queue)).toBe("");
    queue.wake(1002, () => true);
    expect(takeAll(queue)).toBe("a");
  });

  it("makes a pod that was woken in vain wait 1 s, 2 s, … 10 s since its last try", () => {
    const queue = parkedAt(0);
    const waits: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 7; round++) {
      queue.wake(nowMs, () => true);
      const dueMs = queue.nextDueMs() ?? nowMs;
      waits.push(dueMs - nowMs);
      nowMs = dueMs;
      queue.advance(nowMs);
      expect(takeAll(queue)).toBe("a");
      queue.park(uid("a"), nowMs);
    }
    expect(waits).toEqual([0, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it("backs off after errors: 1 s, 2 s, … 10 s, and nothing wakes it earlier", () => {
    const queue = new SchedulingQueue();
    queue.offer(pod("a"));
    const waits: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 6; round++) {
      queue.take();
      queue.backOff(uid("a"), nowMs);
      queue.wake(nowMs, () => true);
      expect(takeAll(queue)).toBe("");
      waits.push((queue.nextDueMs() ?? 0) - nowMs);
      nowMs = queue.nextDueMs() ?? 0;
      queue.advance(nowMs);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it("tries a parked pod again when its spec has changed, not when its status has", () => {
    const queue = parkedAt(0);
    queue.offer({ ...pod("a"), status: { phase: "Pending" } });
    expect(takeAll(queue)).toBe("");
    queue.offer(podFixture("a", { priority: 0, tolerations: [{ operator: "Exists" }] }));
    expect(takeAll(queue)).toBe("a");
  });

  it("gives a taken pod again when asked", () => {
    const queue = new SchedulingQueue();
    queue.offer(pod("a"));
    queue.take();
    queue.again(uid("a"));
    expect(takeAll(queue)).toBe("a");
  });

  it("has nothing due when nothing waits", () => {
    const queue = parkedAt(0);
    queue.remove(uid("a"));
    expect([queue.nextDueMs(), queue.size]).toEqual([undefined, 0]);
  });
});

describe("BinaryHeap", () => {
  it("gives everything in order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = new BinaryHeap<number>((a, b) => a < b);
        for (const number of numbers) heap.push(number);
        const popped = numbers.map(() => heap.pop());
        expect(popped).toEqual(numbers.toSorted((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });
});
