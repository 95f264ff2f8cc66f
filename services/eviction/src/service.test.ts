import { createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { Eviction, PodApi } from "@podbus/contracts";
import { createMemoryStore } from "@podbus/store";
import { createTelemetry } from "@podbus/telemetry";
import { describe, expect, it } from "vitest";
import { eviction, evictionConfig } from "./index.ts";

describe("eviction", () => {
  it("asks the api-gateway over the bus", async () => {
    const clock = systemClock;
    const network = createMemoryBus({ clock });
    await using store = createMemoryStore({ clock });
    const metadata = { name: "web", namespace: "default", uid: "u1" };
    await store.create({ resource: "pods", namespace: "default", name: "web" }, { metadata });
    const asked: string[] = [];
    await using _gateway = await network.bus("api-gateway").serve(
      PodApi,
      {},
      {
        deletePod: ({ pod, disruptionReason }) => {
          asked.push(`${pod?.namespace}/${pod?.name} ${pod?.uid} ${disruptionReason}`);
          return {};
        },
      },
    );
    await using telemetry = createTelemetry({ service: "eviction", level: "silent", env: {} });
    const runtime = { bus: network.bus("eviction"), clock, store, log: telemetry.log, tracer: telemetry.tracer };
    await using _service = await eviction.start(runtime, evictionConfig.parse({}));
    const client = network.bus("test").client(Eviction);
    const { refusedStatusJson } = await client.evict({ pod: { namespace: "default", name: "web" } });
    expect([refusedStatusJson.length, asked]).toEqual([0, ["default/web u1 EvictionByEvictionAPI"]]);
  });
});
