import { expect, it } from "vitest";
import { PodOrder } from "./pod-order.ts";

const never = new AbortController().signal;
/** Everything that can happen without a signal or a leave has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Enters, and writes down the positions that it is told; 0 for its turn. */
function arrive(order: PodOrder, [uid, image]: readonly [string, string], signal = never) {
  const positions: number[] = [];
  const turn = (async () => {
    const steps = order.enter(uid, image, signal);
    for (;;) {
      const step = await steps.next();
      positions.push(step.done ? 0 : step.value);
      if (step.done) return step.value;
    }
  })();
  const leave = async () => {
    (await turn)[Symbol.dispose]();
    await settled();
  };
  return { positions, turn, leave };
}

it("one image of a pod after the other, in order, told how many are before; pods do not wait for each other", async () => {
  const order = new PodOrder();
  const [x, y, z, other] = [
    arrive(order, ["a", "x"]),
    arrive(order, ["a", "y"]),
    arrive(order, ["a", "z"]),
    arrive(order, ["b", "y"]),
  ];
  await settled();
  expect([x, y, z, other].map(({ positions }) => positions)).toEqual([[0], [1], [2], [0]]);
  await x.leave();
  await x.leave();
  expect([y, z].map(({ positions }) => positions)).toEqual([
    [1, 0],
    [2, 1],
  ]);
  for (const each of [y, z, other]) await each.leave();
  expect(z.positions).toEqual([2, 1, 0]);
  expect(order.size).toBe(0);
});

it("calls for one image go together, also those that have waited", async () => {
  const order = new PodOrder();
  const holders = [arrive(order, ["a", "x"]), arrive(order, ["a", "x"])];
  const waiting = [arrive(order, ["a", "y"]), arrive(order, ["a", "z"]), arrive(order, ["a", "y"])];
  for (const each of holders) await each.leave();
  expect(waiting.map(({ positions }) => positions)).toEqual([
    [1, 0],
    [2, 1],
    [1, 0],
  ]);
  await waiting[0]?.leave();
  expect(waiting[1]?.positions).toEqual([2, 1]);
  await waiting[2]?.leave();
  await waiting[1]?.leave();
  expect(order.size).toBe(0);
});

it("who gives up is passed over, and the others move up", async () => {
  const order = new PodOrder();
  const first = arrive(order, ["a", "x"]);
  const leaving = new AbortController();
  const second = arrive(order, ["a", "y"], leaving.signal);
  const third = arrive(order, ["a", "z"]);
  await settled();
  leaving.abort(new Error("gone"));
  await expect(second.turn).rejects.toThrow("gone");
  await settled();
  expect(third.positions).toEqual([2, 1]);
  await first.leave();
  await third.leave();
  expect(order.size).toBe(0);
});

it("who goes away without a word at the moment of its turn gives it back", async () => {
  const order = new PodOrder();
  const first = arrive(order, ["a", "x"]);
  await first.turn;
  const second = order.enter("a", "y", never);
  expect(await second.next()).toEqual({ done: false, value: 1 });
  await first.leave();
  await second.return({ [Symbol.dispose]: () => {} });
  expect(order.size).toBe(0);
});
