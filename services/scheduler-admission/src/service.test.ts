import { createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { Admission, Operation } from "@podbus/contracts";
import type { CoreEvent, Pod } from "@podbus/kube";
import { createMemoryStore } from "@podbus/store";
import { createTelemetry } from "@podbus/telemetry";
import { describe, expect, it, vi } from "vitest";
import { nodeFixture, podFixture } from "./domain/object-fixtures.ts";
import { schedulerAdmission, schedulerAdmissionConfig } from "./index.ts";

const clock = systemClock;
const config = (identity: string) => schedulerAdmissionConfig.parse({ PODBUS_SCHEDULER_IDENTITY: identity });
const until = (check: () => void) => vi.waitFor(check, { timeout: 3000, interval: 2 });

async function host() {
  const network = createMemoryBus({ clock });
  const store = createMemoryStore({ clock });
  const telemetry = createTelemetry({ service: "scheduler-admission", level: "silent", env: {} });
  const { log, tracer } = telemetry;
  await store.create({ resource: "nodes", namespace: "", name: "a" }, nodeFixture("a"));
  const start = (identity: string) =>
    schedulerAdmission.start({ bus: network.bus(identity), clock, store, log, tracer }, config(identity));
  const addPod = (name: string) => store.create({ resource: "pods", namespace: "default", name }, podFixture(name));
  const nodeOf = (name: string) =>
    store.cache.get<Pod>({ resource: "pods", namespace: "default", name })?.value.spec.nodeName;
  return { network, store, start, addPod, nodeOf };
}

describe("scheduler-admission", () => {
  it("answers reviews, schedules and records the event", async () => {
    const { network, store, start, addPod, nodeOf } = await host();
    await using _service = await start("one");
    const objectJson = new TextEncoder().encode(JSON.stringify(podFixture("web", { serviceAccountName: "ghost" })));
    const request = {
      operation: Operation.CREATE,
      version: "v1",
      resource: "pods",
      namespace: "default",
      name: "web",
      objectJson,
    };
    const { verdict } = await network.bus("test").client(Admission).review(request);
    expect(verdict.case).toBe("refusedStatusJson");
    await addPod("web");
    await until(() => expect(nodeOf("web")).toBe("a"));
    await until(() =>
      expect(store.cache.list<CoreEvent>("events").items.map(({ value }) => [value.reason, value.message])).toEqual([
        ["Scheduled", "Successfully assigned default/web to a"],
      ]),
    );
  });

  it("hands the scheduling over when the leader stops", async () => {
    const { start, addPod, nodeOf } = await host();
    const first = await start("one");
    await using _second = await start("two");
    await addPod("web");
    await until(() => expect(nodeOf("web")).toBe("a"));
    await first[Symbol.asyncDispose]();
    await addPod("next");
    await until(() => expect(nodeOf("next")).toBe("a"));
  });
});
