import { requireBinary } from "@podbus/binaries";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess, run } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Ephemeral containers in real containers, as `kubectl debug` asks for them. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  const command = ["--restart=Never", "--command", "--", "sleep", "54321"];
  await podbus.kubectlOk("run", "target", `--image=${registry.busybox}`, ...command);
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/target");
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const debug = (...args: string[]) => podbus.kubectl("debug", "target", `--image=${registry.busybox}`, ...args);
const ephemeral = async () => {
  const { spec, status } = JSON.parse(await podbus.kubectlOk("get", "pod", "target", "-o", "json"));
  return { spec: spec.ephemeralContainers ?? [], statuses: status.ephemeralContainerStatuses ?? [] };
};

describe("kubectl debug", () => {
  it("adds a container to a running pod, whose log and end are seen, and which is not run again", async () => {
    const { code, stderr } = await debug("-c", "look", "--", "sh", "-c", "hostname; exit 7");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    await eventuallyPasses(async () => {
      const [status] = (await ephemeral()).statuses;
      expect(status).toMatchObject({
        name: "look",
        restartCount: 0,
        state: { terminated: { exitCode: 7, reason: "Error" } },
      });
    });
    expect(await podbus.kubectlOk("logs", "target", "-c", "look")).toBe("target\n");
    expect(await podbus.kubectlOk("get", "pod", "target", "--no-headers")).toMatch(/^target +1\/1 +Running +0 /);
    expect(await podbus.kubectlOk("describe", "pod", "target")).toMatch(/Ephemeral Containers:\n {2}look:/);
  });

  it("with --target shows the processes of that container", async () => {
    await debug("-c", "peek", "--target=target", "--", "sh", "-c", "ps -o args; sleep 1000");
    await eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("logs", "target", "-c", "peek")).toContain("sleep 54321"),
    );
    expect(await podbus.kubectlOk("exec", "target", "-c", "peek", "--", "cat", "/proc/1/cmdline")).toBe(
      "sleep\x0054321\x00",
    );
  });

  it("with -it is a session at a terminal", async () => {
    // `script` gives kubectl the terminal that it wants.
    const kubectl = [requireBinary("kubectl"), "--kubeconfig", podbus.kubeconfig, "debug", "-it", "target"];
    const command = [...kubectl, `--image=${registry.busybox}`, "-c", "shell", "--", "sh"].join(" ");
    const { stdout } = await run("script", ["-qec", command, "/dev/null"], { input: "echo $((20 + 22)) here\nexit\n" });
    expect(stdout).toContain("42 here");
  });

  it("refuses what Kubernetes refuses", async () => {
    expect((await debug("-c", "other", "--target=nobody")).stderr).toMatch(
      /ephemeralContainers\[\d\]\.targetContainerName: Not found: "nobody"/,
    );
    const before = await ephemeral();
    const removal = JSON.stringify([{ op: "remove", path: "/spec/ephemeralContainers/0" }]);
    const patch = ["patch", "pod", "target", "--type=json", `--patch=${removal}`];
    const answers = await Promise.all([
      podbus.kubectl(...patch, "--subresource=ephemeralcontainers"),
      podbus.kubectl(...patch),
    ]);
    for (const { code, stderr } of answers) {
      expect(code).toBe(1);
      expect(stderr).toMatch(/may not be removed|pod updates may not change fields other than/);
    }
    expect((await ephemeral()).spec).toEqual(before.spec);
  });
});
