import { connectNats, createNatsBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import type { CoreEvent, Pod } from "@podbus/kube";
import { openStore } from "@podbus/store";
import { createTelemetry } from "@podbus/telemetry";
import { eventually, startNats } from "@podbus/testkit";
import { expect, it } from "vitest";
import { nodeFixture, podAsking } from "./domain/object-fixtures.ts";
import { schedulerAdmission, schedulerAdmissionConfig } from "./index.ts";

it("binds thirty pods at once on a real store, and goes on after nats-server was killed", async () => {
  await using nats = await startNats();
  await using telemetry = createTelemetry({ service: "scheduler-admission", level: "silent", env: {} });
  const { log, tracer } = telemetry;
  const connection = await connectNats({ servers: [nats.url], name: "scheduler-admission", log });
  await using store = await openStore({ connection, clock: systemClock, log });
  await using bus = createNatsBus({ connection, name: "scheduler-admission", clock: systemClock });
  await using _service = await schedulerAdmission.start(
    { bus, clock: systemClock, log, store, tracer },
    schedulerAdmissionConfig.parse({}),
  );
  for (const name of ["a", "b"]) await store.create({ resource: "nodes", namespace: "", name }, nodeFixture(name));

  const addPods = (names: readonly string[]) =>
    Promise.all(
      names.map((name) =>
        store.create({ resource: "pods", namespace: "default", name }, podAsking({ cpu: "100m" }, name)),
      ),
    );
  const bound = () => store.cache.list<Pod>("pods").items.filter(({ value }) => value.spec.nodeName);
  const names = Array.from({ length: 30 }, (_, index) => `web-${index}`);

  const startedMs = systemClock.monotonic();
  await addPods(names);
  await eventually(() => expect(bound()).toHaveLength(30), { timeoutMs: 10_000 });
  expect(systemClock.monotonic() - startedMs).toBeLessThan(3_000);
  await eventually(() => expect(store.cache.list<CoreEvent>("events").items).toHaveLength(30), { timeoutMs: 10_000 });

  await nats.kill("SIGKILL");
  await nats.restart();
  await addPods(["after"]);
  await eventually(() => expect(bound()).toHaveLength(31), { timeoutMs: 20_000 });
});
