import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";
import { edgesOf, spansOf } from "../support/traces.ts";

/** One trace from `kubectl apply` to Ready: which services, which parent of which child. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  const example = await readFile(join(import.meta.dirname, "../../examples/hello.yaml"), "utf8");
  await podbus.apply(example.replaceAll("localhost:5000/podbus/busybox:1", registry.busybox));
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/hello");
}, 120_000);

afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const traceIdIn = async (annotation: string) => {
  const pod = JSON.parse(await podbus.kubectlOk("get", "pod", "hello", "-o", "json"));
  return (pod.metadata.annotations[annotation] as string).split("-")[1] ?? "";
};

describe("the trace of a pod's start", () => {
  it("has spans of the six services on the path, with these parents", async () => {
    const traceId = await traceIdIn("podbus.dev/traceparent");
    const root = "api-gateway POST pods";
    const start = "pod-lifecycle pod start";
    const expected = [
      `- > ${root}`,
      `${root} > api-gateway admission`,
      "api-gateway admission > scheduler-admission Admission.Review",
      `${root} > api-gateway store write`,
      `${root} > scheduler-admission queue`,
      `${root} > scheduler-admission bind`,
      `${root} > api-gateway feed`,
      `${root} > ${start}`,
      `${start} > pod-lifecycle volumes`,
      `${start} > pod-lifecycle sandbox`,
      ...["page", "web"].flatMap((name) => [
        `${start} > pod-lifecycle pull ${name}`,
        `pod-lifecycle pull ${name} > image-puller ImagePuller.EnsureImage`,
        `${start} > pod-lifecycle create ${name}`,
        `${start} > pod-lifecycle start ${name}`,
      ]),
      "image-puller ImagePuller.EnsureImage > image-puller pull image",
      `${start} > pod-lifecycle hook web`,
      "pod-lifecycle hook web > hook-runner HookRunner.RunHook",
      `${start} > probe-runner first probe success`,
      `${start} > pod-lifecycle status`,
      "pod-lifecycle status > api-gateway NodeApi.UpdatePodStatus",
    ];
    await eventuallyPasses(async () => {
      expect([...edgesOf(await spansOf(podbus, traceId))]).toEqual(expect.arrayContaining(expected));
    });
    const spans = await spansOf(podbus, traceId);
    expect([...new Set(spans.map((span) => span.service))].sort()).toEqual([
      "api-gateway",
      "hook-runner",
      "image-puller",
      "pod-lifecycle",
      "probe-runner",
      "scheduler-admission",
    ]);
    // Nothing hangs in the air: each span's parent is in the trace.
    expect([...edgesOf(spans)].filter((edge) => edge.startsWith("?"))).toEqual([]);
    for (const span of spans) expect(span.endNs >= span.startNs, span.name).toBe(true);
  });

  it("podbus trace draws it, in the order of time, with every service named", async () => {
    const { code, stdout } = await podbus.podbus("trace", "hello");
    expect(code).toBe(0);
    for (const text of [
      "POST pods",
      "pod start",
      "sandbox",
      "pull web",
      "start web",
      "first probe success",
      "image-puller",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it.each([
    ["a pod that does not exist", ["trace", "nobody"], /pods "nobody" not found/],
    ["no pod", ["trace"], /name one pod/],
  ])("podbus trace of %s says so", async (_sentence, args, message) => {
    const { code, stderr } = await podbus.podbus(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});

describe("the trace of an eviction", () => {
  it("runs from the request to the pod's end", async () => {
    // Nobody else asks for this pod's deletion, so the annotation is the eviction's.
    const body = JSON.stringify({
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "hello", namespace: "default" },
    });
    const watching = podbus.kubectlWith({}, "get", "pod", "hello", "-w", "-o", "json", "--request-timeout=15s");
    const { code, stderr } = await podbus.kubectlWith(
      { input: body },
      "create",
      "--raw",
      "/api/v1/namespaces/default/pods/hello/eviction",
      "-f",
      "-",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    await podbus.kubectlOk("wait", "--for=delete", "--timeout=20s", "pod/hello");
    const traceparent = /"podbus.dev\/deletion-traceparent": "00-([0-9a-f]{32})/.exec((await watching).stdout);
    const traceId = traceparent?.[1] ?? "";
    const stop = "pod-lifecycle pod stop";
    await eventuallyPasses(async () => {
      expect([...edgesOf(await spansOf(podbus, traceId))]).toEqual(
        expect.arrayContaining([
          "- > api-gateway POST pods/eviction",
          "api-gateway POST pods/eviction > eviction Eviction.Evict",
          "eviction Eviction.Evict > api-gateway PodApi.DeletePod",
          expect.stringMatching(new RegExp(`^api-gateway .* > ${stop}$`)),
          `${stop} > pod-lifecycle stop web`,
          `${stop} > pod-lifecycle sandbox removal`,
        ]),
      );
    });
  });
});
