import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Pods of a RuntimeClass: with the handler that the class names, and with what the class takes for itself. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const runtimeClass = (name: string, handler: string, more: object = {}) =>
  podbus.apply({ apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name }, handler, ...more });
const runAs = (name: string, runtimeClassName: string) => {
  const overrides = JSON.stringify({ spec: { runtimeClassName } });
  const image = `--image=${registry.busybox}`;
  return podbus.kubectl("run", name, image, `--overrides=${overrides}`, "--", "sleep", "1000");
};

it("a pod runs with a handler that the node has, and needs what the class needs", async () => {
  await runtimeClass("native", "runc", { overhead: { podFixed: { memory: "16Mi" } } });
  expect(await runAs("good", "native")).toMatchObject({ code: 0 });
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/good");
  expect(await podbus.kubectlOk("get", "pod", "good", "-o", "jsonpath={.spec.overhead.memory}")).toBe("16Mi");
});

it("a pod waits where the node lacks the handler, and an event says so", async () => {
  await runtimeClass("lacking", "nowhere");
  expect(await runAs("waiting", "lacking")).toMatchObject({ code: 0 });
  await eventuallyPasses(async () =>
    expect(await podbus.kubectlOk("describe", "pod", "waiting")).toMatch(
      /FailedCreatePodSandBox .*no runtime for "nowhere" is configured/,
    ),
  );
  expect(await podbus.kubectlOk("get", "pod", "waiting", "--no-headers")).toMatch(/0\/1 +ContainerCreating/);
});

it("a class that does not exist is refused", async () => {
  expect(await runAs("refused", "ghost")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('pods "refused" is forbidden: pod rejected: RuntimeClass "ghost" not found'),
  });
});
