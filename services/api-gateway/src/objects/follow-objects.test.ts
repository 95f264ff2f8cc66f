import { FakeClock } from "@podbus/clock";
import type { KubeObject } from "@podbus/kube";
import { createMemoryStore } from "@podbus/store";
import { createLogger } from "@podbus/telemetry";
import { eventually } from "@podbus/testkit";
import { expect, it } from "vitest";
import { followObjects } from "./follow-objects.ts";

const object = (name: string): KubeObject => ({ apiVersion: "v1", kind: "X", metadata: { name, namespace: "a" } });
const key = (name: string) => ({ resource: "xs", namespace: "a", name });

it("tells what there is at once, then every change, until it is disposed of", async () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  await store.create(key("one"), object("one"));
  const told: string[] = [];
  const following = followObjects<KubeObject>(
    { store, clock, log: createLogger({ service: "tests", level: "silent" }) },
    {
      resource: "xs",
      reset: (all) => told.push(`reset ${all.map(({ metadata }) => metadata.name).join(",")}`),
      changed: ({ type, object: { value } }) => told.push(`${type} ${value.metadata.name}`),
    },
  );
  expect(told).toEqual(["reset one"]);
  await store.create(key("two"), object("two"));
  const { revision = 0 } = store.cache.get(key("one")) ?? {};
  await store.delete(key("one"), revision);
  await store.create({ ...key("three"), resource: "ys" }, object("three"));
  await eventually(() => told.length === 3);
  expect(told).toEqual(["reset one", "ADDED two", "DELETED one"]);
  await following[Symbol.asyncDispose]();
  await store.create(key("four"), object("four"));
  expect(told).toHaveLength(3);
});
