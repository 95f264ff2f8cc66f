import { expect, it } from "vitest";
import { PodOrder } from "./pod-order.ts";

const never = new AbortController().signal;

it("one image of a pod after the other, in order; pods do not wait for each other", async () => {
  const order = new PodOrder();
  const first = await order.enter("a", "x", never);
  const entered: string[] = [];
  const others = ["y", "z"].map(async (image) => {
    using _turn = await order.enter("a", image, never);
    entered.push(image);
  });
  using _other = await order.enter("b", "y", never);
  expect(order.isBusy("a", "y")).toBe(true);
  expect(entered).toEqual([]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await Promise.all(others);
  expect(entered).toEqual(["y", "z"]);
  expect(order.size).toBe(1);
});

it("calls for one image go together, also those that have waited", async () => {
  const order = new PodOrder();
  const holders = [await order.enter("a", "x", never), await order.enter("a", "x", never)];
  const waiting = [order.enter("a", "y", never), order.enter("a", "z", never), order.enter("a", "y", never)];
  for (const each of holders) each[Symbol.dispose]();
  const [one, , other] = waiting;
  (await one)?.[Symbol.dispose]();
  expect(order.isBusy("a", "z")).toBe(true);
  (await other)?.[Symbol.dispose]();
  (await waiting[1])?.[Symbol.dispose]();
  expect(order.size).toBe(0);
});

it("who gives up is passed over", async () => {
  const order = new PodOrder();
  const first = await order.enter("a", "x", never);
  const leaving = new AbortController();
  const second = expect(order.enter("a", "y", leaving.signal)).rejects.toThrow("gone");
  const third = order.enter("a", "z", never);
  leaving.abort(new Error("gone"));
  await second;
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  expect(order.size).toBe(0);
});
