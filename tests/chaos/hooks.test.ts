import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";
import { type ProcessName, SeparateServices } from "../support/separate-services.ts";

/**
 * A service dies in the middle of a hook: the hook runs again and is never left out (at least once: Kubernetes,
 * concepts/containers/container-lifecycle-hooks); one that has ended is not repeated.
 */
let registry: RegistryWithBusybox;
let deployment: SeparateServices;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-hooks-"));
  registry = await startRegistryWithBusybox();
  deployment = await SeparateServices.start([registry.host]);
  await eventuallyPasses(async () => expect(await kubectl("get", "nodes")).toContain(" Ready "), { timeoutMs: 60_000 });
}, 180_000);
afterAll(async () => {
  await deployment?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 180_000);

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await deployment.kubectl("", ...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** What a pod has written: "begin" and "end" of each run of its hook, and "term" at the signal. */
const written = async (name: string): Promise<string[]> =>
  (await readFile(join(directory, name), "utf8").catch(() => "")).split("\n").filter(Boolean);
const count = async (name: string, line: string) => (await written(name)).filter((each) => each === line).length;

interface Hooked {
  readonly name: string;
  readonly hook: "postStart" | "preStop";
  readonly seconds?: number;
  /** How long the container takes to end after TERM. */
  readonly endsAfterSeconds?: number;
}

async function apply({ name, hook, seconds = 3, endsAfterSeconds = 0 }: Hooked): Promise<void> {
  const say = (word: string) => `echo ${word} >> /told/${name}`;
  const script = `${say("begin")}; sleep ${seconds}; ${say("end")}`;
  const main = `trap '${say("term")}; sleep ${endsAfterSeconds}; exit 0' TERM; sleep 1000 & wait`;
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 60,
      containers: [
        {
          name: "main",
          image: registry.busybox,
          command: ["sh", "-c", main],
          lifecycle: { [hook]: { exec: { command: ["sh", "-c", script] } } },
          volumeMounts: [{ name: "told", mountPath: "/told" }],
        },
      ],
      volumes: [{ name: "told", hostPath: { path: directory } }],
    },
  };
  const { code, stderr } = await deployment.kubectl(JSON.stringify(pod), "apply", "-f", "-");
  expect(code, stderr).toBe(0);
}

/** The bus gone, runner and caller find each other again, and the hook goes on. */
const runsOf = (victim: ProcessName) => (victim === "nats-server" ? 1 : 2);

const begun = (name: string) =>
  eventuallyPasses(async () => expect(await written(name)).toEqual(["begin"]), { timeoutMs: 60_000 });
const ready = (name: string) => kubectl("wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`);
const gone = (name: string) => kubectl("wait", "--for=delete", "--timeout=90s", `pod/${name}`);

describe.each<ProcessName>(["hook-runner", "pod-lifecycle", "nats-server"])(
  "%s is killed in the middle of",
  (victim) => {
    it("a postStart hook: the container is Running when a whole run of it has ended", async () => {
      const name = `start-${victim}`;
      await apply({ name, hook: "postStart" });
      await begun(name);
      deployment.kill(victim);
      await ready(name);
      expect(await count(name, "end")).toBeGreaterThanOrEqual(1);
      expect(await count(name, "begin")).toBe(runsOf(victim));
      const { status } = JSON.parse(await kubectl("get", "pod", name, "-o", "json"));
      expect(status.containerStatuses[0]).toMatchObject({ restartCount: 0, started: true });
      // It is over: another death of the agent does not bring it back.
      const runs = await count(name, "begin");
      deployment.kill("pod-lifecycle");
      await kubectl("delete", "pod", name, "--grace-period=1");
      expect(await count(name, "begin")).toBe(runs);
    }, 180_000);

    it("a preStop hook: a whole run of it comes before the end", async () => {
      const name = `stop-${victim}`;
      await apply({ name, hook: "preStop" });
      await ready(name);
      await kubectl("delete", "pod", name, "--wait=false");
      await begun(name);
      deployment.kill(victim);
      await gone(name);
      expect(await count(name, "begin")).toBe(runsOf(victim));
      expect((await written(name)).slice(-2)).toEqual(["end", "term"]);
    }, 180_000);
  },
);

it("pod-lifecycle is killed after the preStop hook, while the container ends: the hook is not repeated", async () => {
  const name = "terminating";
  await apply({ name, hook: "preStop", seconds: 0, endsAfterSeconds: 5 });
  await ready(name);
  await kubectl("delete", "pod", name, "--wait=false");
  await eventuallyPasses(async () => expect(await written(name)).toContain("term"), { timeoutMs: 60_000 });
  deployment.kill("pod-lifecycle");
  await gone(name);
  expect((await written(name)).slice(0, 3)).toEqual(["begin", "end", "term"]);
  expect(await count(name, "begin")).toBe(1);
}, 180_000);
