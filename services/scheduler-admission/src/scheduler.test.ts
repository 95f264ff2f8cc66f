import { context, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { FakeClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { annotations, type Node, type Pod } from "@podbus/kube";
import { createMemoryStore, type ObjectStore } from "@podbus/store";
import { createTelemetry } from "@podbus/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StorePodWriter } from "./adapters/store-pod-writer.ts";
import { nodeFixture, podAsking, podFixture } from "./domain/object-fixtures.ts";
import type { EventSink } from "./ports.ts";
import { Scheduler } from "./scheduler.ts";

const podKey = (name: string) => ({ resource: "pods", namespace: "default", name });
const nodeKey = (name: string) => ({ resource: "nodes", namespace: "", name });

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly store: ObjectStore = createMemoryStore({ clock: this.clock });
  readonly events: string[] = [];
  readonly spans = new InMemorySpanExporter();
  readonly logged: Record<string, unknown>[] = [];
  readonly telemetry = createTelemetry({
    service: "scheduler-admission",
    env: {},
    spanProcessors: [new SimpleSpanProcessor(this.spans)],
    destination: { write: (line: string) => void this.logged.push(JSON.parse(line)) },
  });
  readonly stop = new AbortController();
  writer = new StorePodWriter(this.store, this.clock);
  #running: Promise<void> | undefined;

  start(): void {
    const sink: EventSink = {
      record: ({ type, reason, message, object }) =>
        void this.events.push(`${object.name}: ${type} ${reason} ${message}`),
    };
    const { clock, telemetry, writer } = this;
    const { tracer, log } = telemetry;
    const scheduler = new Scheduler({ cache: this.store.cache, writer, events: sink, clock, tracer, log });
    this.#running = scheduler.run(this.stop.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.#running;
    await this.store[Symbol.asyncDispose]();
  }

  addNode(node: Node) {
    return this.store.create(nodeKey(node.metadata.name), node);
  }

  addPod(pod: Pod) {
    return this.store.create(podKey(pod.metadata.name), pod);
  }

  pod(name: string): Pod | undefined {
    return this.store.cache.get<Pod>(podKey(name))?.value;
  }

  nodeOf(name: string): string | undefined {
    return this.pod(name)?.spec.nodeName;
  }

  async changePod(name: string, change: (pod: Pod) => Pod): Promise<void> {
    const stored = this.store.cache.get<Pod>(podKey(name));
    if (stored) await this.store.update(stored.key, change(stored.value), stored.revision);
  }

  condition(name: string) {
    return this.pod(name)?.status?.conditions?.find(({ type }) => type === "PodScheduled");
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const until = (check: () => void) => vi.waitFor(check, { timeout: 2000, interval: 1 });
const isOn = (name: string, node: string) => until(() => expect(bench.nodeOf(name)).toBe(node));
const isUnschedulable = (name: string, message: string) =>
  until(() => expect(bench.condition(name)).toMatchObject({ status: "False", reason: "Unschedulable", message }));

describe("Scheduler", () => {
  it("binds what is there already and what comes, without the clock moving", async () => {
    await bench.addNode(nodeFixture("a"));
    await bench.addPod(podFixture("before"));
    bench.start();
    await isOn("before", "a");
    await bench.addPod(podFixture("after"));
    await isOn("after", "a");
    expect(bench.condition("after")).toEqual({
      type: "PodScheduled",
      status: "True",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    });
    expect(bench.events).toEqual([
      "before: Normal Scheduled Successfully assigned default/before to a",
      "after: Normal Scheduled Successfully assigned default/after to a",
    ]);
  });

  it("logs the bind as a step that begins and ends", async () => {
    await bench.addNode(nodeFixture("a"));
    bench.start();
    await bench.addPod(podFixture("web"));
    await until(() =>
      expect(bench.logged.filter(({ step }) => step === "bind")).toMatchObject([
        { phase: "begin", pod: "default/web" },
        { phase: "end", pod: "default/web", outcome: "bound" },
      ]),
    );
  });

  it("continues the pod's trace with the steps queue and bind", async () => {
    await bench.addNode(nodeFixture("a"));
    bench.start();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await bench.addPod(podFixture("web", {}, { annotations: { [annotations.traceparent]: traceparent } }));
    await until(() => expect(bench.spans.getFinishedSpans()).toHaveLength(2));
    const spans = bench.spans
      .getFinishedSpans()
      .map((span) => [span.name, span.spanContext().traceId, span.parentSpanContext?.spanId]);
    expect(spans).toEqual([
      ["queue", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"],
      ["bind", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"],
    ]);
    expect(trace.getSpan(context.active())).toBeUndefined();
  });

  it("binds thirty pods at once, without giving a node more than it has", async () => {
    await bench.addNode(nodeFixture("a", { allocatable: { cpu: "10" } }));
    await bench.addNode(nodeFixture("b", { allocatable: { cpu: "15" } }));
    bench.start();
    const names = Array.from({ length: 30 }, (_, index) => `web-${index}`);
    await Promise.all(names.map((name) => bench.addPod(podAsking({ cpu: "1" }, name))));
    await until(() => expect(names.filter((name) => bench.nodeOf(name))).toHaveLength(25));
    await until(() => expect(names.filter((name) => bench.condition(name)?.status === "False")).toHaveLength(5));
    const counts = ["a", "b"].map((node) => names.filter((name) => bench.nodeOf(name) === node).length);
    expect(counts).toEqual([10, 15]);
  });

  it("says why a pod cannot run, and runs it at once when a node comes", async () => {
    bench.start();
    await bench.addPod(podFixture("web"));
    await isUnschedulable("web", "no nodes available to schedule pods");
    expect(bench.events).toEqual(["web: Warning FailedScheduling no nodes available to schedule pods"]);
    await bench.addNode(nodeFixture("a", { ready: "False" }));
    const { key, value, revision } =
      bench.store.cache.get<Node>(nodeKey("a")) ?? (await bench.addNode(nodeFixture("a")));
    await bench.store.update(key, { ...value, status: nodeFixture("a").status }, revision);
    await isOn("web", "a");
    expect(bench.condition("web")?.status).toBe("True");
  });

  it("says anew why a pod cannot run when a node comes on which it cannot run either", async () => {
    bench.start();
    await bench.addPod(podAsking({ cpu: "64" }, "huge"));
    await isUnschedulable("huge", "no nodes available to schedule pods");
    await bench.addNode(nodeFixture("a"));
    await isUnschedulable("huge", "0/1 nodes are available: 1 Insufficient cpu.");
  });

  it("runs a waiting pod when another has gone, or has ended", async () => {
    await bench.addNode(nodeFixture("a"));
    for (const name of ["one", "two"]) await bench.addPod(podAsking({ cpu: "2" }, name));
    bench.start();
    await isOn("two", "a");
    await bench.addPod(podAsking({ cpu: "2" }, "three"));
    await bench.addPod(podAsking({ cpu: "2" }, "four"));
    await isUnschedulable("four", "0/1 nodes are available: 1 Insufficient cpu.");
    await bench.changePod("one", (pod) => ({ ...pod, status: { ...pod.status, phase: "Succeeded" } }));
    await isOn("three", "a");
    await isUnschedulable("four", "0/1 nodes are available: 1 Insufficient cpu.");
    const two = bench.store.cache.get(podKey("two"));
    await bench.store.delete(podKey("two"), two?.revision ?? 0);
    await bench.clock.step(1000);
    await isOn("four", "a");
  });

  it("tries a waiting pod again after five minutes in any case", async () => {
    bench.start();
    await bench.addPod(podFixture("web"));
    await until(() => expect(bench.events).toHaveLength(1));
    await bench.clock.step(5 * 60_000 - 1);
    expect(bench.events).toHaveLength(1);
    await bench.clock.step(1);
    await until(() => expect(bench.events).toHaveLength(2));
  });

  it.each([
    { sentence: "another scheduler's pod", pod: podFixture("other", { schedulerName: "mine" }) },
    {
      sentence: "a pod that is being deleted",
      pod: podFixture("other", {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    },
    { sentence: "a pod that has ended", pod: { ...podFixture("other"), status: { phase: "Failed" } } },
  ])("leaves $sentence alone", async ({ pod }) => {
    await bench.addNode(nodeFixture("a"));
    bench.start();
    await bench.addPod(pod);
    await bench.addPod(podFixture("web"));
    await isOn("web", "a");
    expect(bench.pod("other")).toEqual({ ...pod, metadata: { ...pod.metadata, resourceVersion: "2" } });
  });

  it("counts a pod whose node was given, and writes nothing to it", async () => {
    await bench.addNode(nodeFixture("a"));
    bench.start();
    await bench.addPod({
      ...podAsking({ cpu: "3" }, "given"),
      spec: { ...podAsking({ cpu: "3" }).spec, nodeName: "a" },
    });
    await bench.addPod(podAsking({ cpu: "2" }, "web"));
    await isUnschedulable("web", "0/1 nodes are available: 1 Insufficient cpu.");
    expect(bench.condition("given")).toBeUndefined();
  });

  it("waits behind scheduling gates until they are gone", async () => {
    await bench.addNode(nodeFixture("a"));
    bench.start();
    await bench.addPod(podFixture("web", { schedulingGates: [{ name: "quota" }] }));
    await until(() => expect(bench.condition("web")).toMatchObject({ status: "False", reason: "SchedulingGated" }));
    expect(bench.events).toEqual([]);
    await bench.changePod("web", (pod) => ({ ...pod, spec: { ...pod.spec, schedulingGates: [] } }));
    await isOn("web", "a");
  });

  it("decides again on the newest pod when it changed under the bind", async () => {
    await bench.addNode(nodeFixture("a", { labels: { zone: "x" } }));
    await bench.addNode(nodeFixture("b", { labels: { zone: "y" } }));
    const { update } = bench.store;
    let raced = false;
    bench.store.update = async (key, value, revision) => {
      const pod = value as unknown as Pod;
      if (pod.spec?.nodeName && !raced) {
        raced = true;
        await bench.changePod("web", (it) => ({
          ...it,
          spec: { ...it.spec, nodeSelector: { zone: pod.spec.nodeName === "a" ? "y" : "x" } },
        }));
      }
      return update.call(bench.store, key, value, revision) as never;
    };
    bench.start();
    await bench.addPod(podFixture("web"));
    await until(() => expect(bench.nodeOf("web")).toBeDefined());
    expect(raced).toBe(true);
    const zones: Record<string, string> = { a: "x", b: "y" };
    expect(zones[bench.nodeOf("web") ?? ""]).toBe(bench.pod("web")?.spec.nodeSelector?.zone);
    expect(bench.events).toHaveLength(1);
  });

  it("backs off when the store is away, then binds; what it had reserved is free meanwhile", async () => {
    await bench.addNode(nodeFixture("a"));
    const { update } = bench.store;
    let away = true;
    bench.store.update = async (key, value, revision) => {
      if (away) throw new PodbusError({ code: "UNAVAILABLE", message: "no server" });
      return update.call(bench.store, key, value, revision) as never;
    };
    bench.start();
    await bench.addPod(podAsking({ cpu: "3" }, "web"));
    await until(() => expect(bench.logged.some(({ msg }) => msg === "a bind failed")).toBe(true));
    away = false;
    await bench.addPod(podAsking({ cpu: "4" }, "next"));
    await isOn("next", "a");
    expect(bench.nodeOf("web")).toBeUndefined();
    await bench.clock.step(1000);
    await isUnschedulable("web", "0/1 nodes are available: 1 Insufficient cpu.");
  });

  it("never moves a bound pod, even when it starts again", async () => {
    await bench.addNode(nodeFixture("a"));
    await bench.addPod(podFixture("web"));
    bench.start();
    await isOn("web", "a");
    const before = bench.pod("web");
    bench.start();
    await bench.addNode(nodeFixture("b"));
    await bench.addPod(podFixture("next"));
    await until(() => expect(bench.nodeOf("next")).toBeDefined());
    expect(bench.pod("web")).toEqual(before);
  });

  it("lists again when the watch lost its place, and forgets nothing", async () => {
    await bench.addNode(nodeFixture("a"));
    const { watch } = bench.store.cache;
    let watches = 0;
    bench.store.cache.watch = (options) => {
      if (++watches <= 2) throw new PodbusError({ code: "OUT_OF_RANGE", reason: "Expired", message: "too old" });
      return watch.call(bench.store.cache, options) as never;
    };
    await bench.addPod(podAsking({ cpu: "3" }, "web"));
    bench.start();
    await isOn("web", "a");
    await bench.addPod(podAsking({ cpu: "2" }, "next"));
    await isUnschedulable("next", "0/1 nodes are available: 1 Insufficient cpu.");
    expect(watches).toBeGreaterThan(2);
  });

  it("schedules by priority what waited together", async () => {
    for (const [name, priority] of [
      ["low", 1],
      ["high", 10],
    ] as const)
      await bench.addPod({ ...podAsking({ cpu: "3" }, name), spec: { ...podAsking({ cpu: "3" }).spec, priority } });
    await bench.addNode(nodeFixture("a"));
    bench.start();
    await isOn("high", "a");
    expect(bench.nodeOf("low")).toBeUndefined();
  });
});
