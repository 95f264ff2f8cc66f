import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** How a container is ended. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let directory: string;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  directory = await mkdtemp(join(tmpdir(), "podbus-containers-"));
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  if (directory) await rm(directory, { recursive: true, force: true });
}, 120_000);

/** Its container sees `directory` as /seen. */
const pod = (name: string, container: object, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      { name: "main", image: registry.busybox, volumeMounts: [{ name: "seen", mountPath: "/seen" }], ...container },
    ],
    volumes: [{ name: "seen", hostPath: { path: directory } }],
    ...spec,
  },
});
const seen = (file: string) => readFile(join(directory, file), "utf8");

/** Notes when it can take signals, and each that it gets; needs half a second to end. */
const noting = (file: string) => {
  const traps = ["TERM", "INT"].map(
    (signal) => `trap 'echo ${signal} >> /seen/${file}; sleep 0.5; ${ends(file)}' ${signal}`,
  );
  return ["sh", "-c", `${traps.join("; ")}; echo ready >> /seen/${file}; sleep 1000 & wait`];
};
const notes = (file: string, text: string) =>
  eventuallyPasses(async () => expect(await seen(file)).toBe(text), { timeoutMs: 20_000 });
const ends = (file: string) => `echo ended >> /seen/${file}; exit 0`;

describe("the end of a container", () => {
  it("a pod that is deleted by force is gone at once, and has two seconds to end", async () => {
    await podbus.apply(pod("forced", { command: noting("forced") }));
    await notes("forced", "ready\n");
    await podbus.kubectlOk("delete", "pod", "forced", "--grace-period=0", "--force");
    expect((await podbus.kubectl("get", "pod", "forced")).stderr).toContain('pods "forced" not found');
    await notes("forced", "ready\nTERM\nended\n");
  });
});
