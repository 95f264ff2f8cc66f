import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBusyboxImage, type RunConfig } from "@podbus/images";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** What a container has from its image and its network, and how it is ended. */
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
const ready = (...names: string[]) =>
  podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", ...names.map((name) => `pod/${name}`));
const pushed = async (config: RunConfig, name: string) =>
  (await registry.push(await buildBusyboxImage({ config }), `containers/${name}`)).name;
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

  it("its image's STOPSIGNAL comes in place of TERM", async () => {
    const image = await pushed({ StopSignal: "SIGINT" }, "stop-signal:1");
    await podbus.apply(pod("signalled", { image, command: noting("signalled") }));
    await notes("signalled", "ready\n");
    await podbus.kubectlOk("delete", "pod", "signalled", "--grace-period=10");
    expect(await seen("signalled")).toBe("ready\nINT\nended\n");
  });
});

it("the environment is the image's, and what the pod says comes before it", async () => {
  const image = await pushed({ Env: ["PATH=/bin", "OF_IMAGE=image", "OF_BOTH=image"] }, "env:1");
  const env = [
    { name: "OF_BOTH", value: "pod" },
    { name: "OF_POD", value: "pod" },
  ];
  await podbus.apply(pod("variables", { image, env, command: ["sleep", "1000"] }));
  await ready("variables");
  const variables = (await podbus.kubectlOk("exec", "variables", "--", "env")).split("\n");
  expect(variables.filter((each) => /^(PATH|OF_)/.test(each)).sort()).toEqual([
    "OF_BOTH=pod",
    "OF_IMAGE=image",
    "OF_POD=pod",
    "PATH=/bin",
  ]);
});

it("pods reach each other by their addresses", async () => {
  const serve = (name: string) =>
    pod(name, { command: ["sh", "-c", `mkdir /www && echo ${name} > /www/index.html && httpd -f -h /www -p 8080`] });
  await podbus.apply(serve("left"));
  await podbus.apply(serve("right"));
  await ready("left", "right");
  const addressOf = (name: string) => podbus.kubectlOk("get", "pod", name, "-o", "jsonpath={.status.podIP}");
  const [left, right] = await Promise.all([addressOf("left"), addressOf("right")]);
  expect(left).not.toBe(right);
  const ask = (from: string, address: string) =>
    eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("exec", from, "--", "wget", "-q", "-O", "-", `http://${address}:8080/`)).toBe(
        `${from === "left" ? "right" : "left"}\n`,
      ),
    );
  await ask("left", right);
  await ask("right", left);
});
