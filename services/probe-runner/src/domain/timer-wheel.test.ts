import { describe, expect, it } from "vitest";
import { TimerWheel, tickMs } from "./timer-wheel.ts";

/** A wheel in which each waits whose name is given, at that time. */
function wheelOf(due: Readonly<Record<string, number>>) {
  const wheel = new TimerWheel<string>();
  const waiting = new Map(Object.entries(due).map(([name, atMs]) => [name, wheel.add(name, atMs)]));
  return { wheel, remove: (name: string) => wheel.remove(must(waiting.get(name))) };
}

const turnMs = 512 * tickMs;

describe("TimerWheel", () => {
  it("tells when the next is due, at the end of its tick", () => {
    expect(wheelOf({ b: 42, a: 31 }).wheel.nextMs()).toBe(40);
    expect(wheelOf({ a: 1_000, b: 40 }).wheel.nextMs()).toBe(40);
    expect(wheelOf({}).wheel.nextMs()).toBeUndefined();
  });

  it("hands out what is due, the earliest first, once", () => {
    const { wheel } = wheelOf({ c: 42, a: 20, b: 30, late: 51 });
    expect(wheel.takeDue(50)).toEqual(["a", "b", "c"]);
    expect([wheel.takeDue(50), wheel.size, wheel.nextMs()]).toEqual([[], 1, 60]);
  });

  it("never hands out early", () => {
    const { wheel } = wheelOf({ a: 41 });
    expect([wheel.takeDue(41), wheel.takeDue(49.9), wheel.takeDue(50)]).toEqual([[], [], ["a"]]);
  });

  it("tells turns apart", () => {
    const { wheel } = wheelOf({ later: turnMs + 10, now: 10, last: 3 * turnMs + 10 });
    expect(wheel.takeDue(10)).toEqual(["now"]);
    expect(wheel.nextMs()).toBe(turnMs + 10);
    expect(wheel.takeDue(turnMs + 10)).toEqual(["later"]);
    expect(wheel.nextMs()).toBe(3 * turnMs + 10);
  });

  it("hands out everything after a long pause", () => {
    const { wheel } = wheelOf({ c: 2 * turnMs, a: 10, b: turnMs + 10, later: 9 * turnMs });
    expect(wheel.takeDue(5 * turnMs)).toEqual(["a", "b", "c"]);
  });

  it("forgets who no longer waits, also twice", () => {
    const { wheel, remove } = wheelOf({ a: 20, b: 20 });
    remove("a");
    remove("a");
    expect([wheel.size, wheel.crowd(20), wheel.takeDue(20)]).toEqual([1, 1, ["b"]]);
  });

  it("counts who is due in the same tick of the same turn", () => {
    const { wheel } = wheelOf({ a: 15, b: 20, c: 21, d: turnMs + 20 });
    expect([wheel.crowd(11), wheel.crowd(20), wheel.crowd(30), wheel.crowd(40)]).toEqual([2, 2, 1, 0]);
  });

  it("takes what is added before its hand", () => {
    const { wheel } = wheelOf({ a: 10_000 });
    wheel.takeDue(5_000);
    wheel.add("missed", 3_000);
    expect([wheel.nextMs(), wheel.takeDue(5_000)]).toEqual([3_000, ["missed"]]);
  });
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("nothing");
  return value;
}
