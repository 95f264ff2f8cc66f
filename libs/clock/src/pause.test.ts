import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { pause } from "./pause.ts";

test("a pause ends after its time", async () => {
  const clock = new FakeClock();
  let over = false;
  void pause(clock, 100, new AbortController().signal).then(() => {
    over = true;
  });
  await clock.step(99);
  expect(over).toBe(false);
  await clock.step(1);
  expect(over).toBe(true);
});

test("a pause ends without an error when its signal is aborted, before or during", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const paused = pause(clock, 100, stop.signal);
  stop.abort();
  await expect(paused).resolves.toBeUndefined();
  await expect(pause(clock, 100, stop.signal)).resolves.toBeUndefined();
});
