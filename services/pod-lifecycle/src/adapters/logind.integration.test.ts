import { systemClock } from "@podbus/clock";
import { createLogger } from "@podbus/telemetry";
import { eventually, hasDbus, PrivateBus } from "@podbus/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Logind } from "./logind.ts";

describe.skipIf(!hasDbus)("logind", () => {
  let bus: PrivateBus;
  let stopping: AbortController;
  let heard: boolean[];
  let warnings: string[];
  let logind: Logind;
  const own = process.env.DBUS_SYSTEM_BUS_ADDRESS;

  beforeEach(async () => {
    bus = await PrivateBus.start();
    process.env.DBUS_SYSTEM_BUS_ADDRESS = bus.address;
    stopping = new AbortController();
    [heard, warnings] = [[], []];
    logind = asking(5_000);
  });
  afterEach(async () => {
    stopping.abort();
    if (own === undefined) delete process.env.DBUS_SYSTEM_BUS_ADDRESS;
    else process.env.DBUS_SYSTEM_BUS_ADDRESS = own;
    await bus[Symbol.asyncDispose]();
  });

  function asking(delayMs: number): Logind {
    const destination = { write: (line: string) => void warnings.push(JSON.parse(line).msg) };
    const log = createLogger({ service: "pod-lifecycle", level: "warn", destination });
    return new Logind({ clock: systemClock, log, delayMs });
  }
  const listen = () =>
    void (async () => {
      for await (const goingDown of logind.watch(stopping.signal)) heard.push(goingDown);
    })();
  const locks = () => bus.seen.filter((line) => line !== "ready");

  test("is held by a lock until the node lets go; a shutdown that is called off is delayed again", async () => {
    listen();
    await eventually(() => locks().length === 1);
    bus.tell("down");
    await eventually(() => heard.length === 1);
    expect([heard, locks()]).toEqual([[true], ["locked"]]);
    logind.release();
    await eventually(() => locks().length === 2);
    bus.tell("up");
    await eventually(() => heard.length === 2 && locks().length === 3);
    expect([heard, locks(), warnings]).toEqual([[true, false], ["locked", "released", "locked"], []]);
  });

  test("tells one that comes late that the machine goes down already", async () => {
    bus.tell("going");
    listen();
    await eventually(() => heard.length === 1);
    expect([heard, locks()]).toEqual([[true], []]);
  });

  test("has its lock back when the node stops", async () => {
    listen();
    await eventually(() => locks().length === 1);
    stopping.abort();
    await eventually(() => locks().length === 2);
    expect(locks()).toEqual(["locked", "released"]);
  });

  test("warns where logind waits less than asked", async () => {
    logind = asking(30_000);
    listen();
    await eventually(() => locks().length === 1);
    expect(warnings).toEqual(["logind waits less than pods may take to end: raise its InhibitDelayMaxSec"]);
  });
});
