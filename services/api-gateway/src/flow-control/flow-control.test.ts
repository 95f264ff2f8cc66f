import { FakeClock } from "@podbus/clock";
import { describe, expect, it } from "vitest";
import type { Flow } from "../domain/flow-control/classify-request.ts";
import { FlowControl } from "./flow-control.ts";

const jane: Flow = { level: "global-default", flow: "jane" };
const going = new AbortController().signal;
const refused = expect.objectContaining({ status: expect.objectContaining({ code: 429, reason: "TooManyRequests" }) });

/** One seat for people. */
function oneSeat() {
  const clock = new FakeClock();
  return { clock, control: new FlowControl({ clock, seats: 10 }) };
}

describe("FlowControl", () => {
  it("gives a turn at once where there is a seat, and the next one when it is given back", async () => {
    const { control } = oneSeat();
    const first = control.begin(jane, 1, going);
    expect(first).not.toBeInstanceOf(Promise);
    const second = control.begin(jane, 1, going);
    expect(second).toBeInstanceOf(Promise);
    if (first instanceof Promise) throw new Error("it had to wait");
    first[Symbol.dispose]();
    // A second time it has nothing to give back.
    first[Symbol.dispose]();
    await second;
    expect(control.begin(jane, 1, going)).toBeInstanceOf(Promise);
  });

  it("refuses who has waited for fifteen seconds", async () => {
    const { control, clock } = oneSeat();
    control.begin(jane, 1, going);
    const waiting = expect(Promise.resolve(control.begin(jane, 1, going))).rejects.toEqual(refused);
    await clock.step(15_000);
    await waiting;
  });

  it("forgets a client that leaves", async () => {
    const { control } = oneSeat();
    const first = control.begin(jane, 1, going);
    const leaving = new AbortController();
    const left = expect(Promise.resolve(control.begin(jane, 1, leaving.signal))).rejects.toEqual(refused);
    leaving.abort();
    await left;
    if (first instanceof Promise) throw new Error("it had to wait");
    first[Symbol.dispose]();
    expect(control.begin(jane, 1, going)).not.toBeInstanceOf(Promise);
  });

  it("lets other levels, and who is exempt, pass by", () => {
    const { control } = oneSeat();
    control.begin(jane, 1, going);
    for (const level of ["node-high", "system", "workload-low", "exempt"] as const) {
      expect(control.begin({ level, flow: "other" }, 1, going)).not.toBeInstanceOf(Promise);
    }
  });
});
