import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";

/** What kubectl learns of the kinds: today's reads OpenAPI 3, Debian 12's own (1.20) knows version 2 only. */
let podbus: PodbusProcess;
let directory: string;

beforeAll(async () => {
  podbus = await PodbusProcess.start(await freshOptions());
  directory = await mkdtemp(join(tmpdir(), "podbus-explain-"));
}, 180_000);

afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  if (directory) await rm(directory, { recursive: true, force: true });
}, 120_000);

async function manifest(name: string, object: object): Promise<string> {
  const file = join(directory, `${name}.json`);
  await writeFile(file, JSON.stringify(object));
  return file;
}

/** No node matches, so that no container has to run. */
function pod(name: string, container: object = {}, metadata: object = {}): object {
  const spec = { nodeSelector: { there: "is-none" }, containers: [{ name: "main", image: "busybox", ...container }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, ...metadata }, spec };
}

describe.each(["kubectl", "kubectl-1.20"])("%s", (program) => {
  const kubectl = (...args: string[]) => podbus.kubectlWith({ program }, ...args);

  it("explain names the fields of a type below a list, with their texts", async () => {
    const { code, stdout } = await kubectl("explain", "pod.spec.containers.lifecycle");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^KIND:\s+Pod$/m);
    expect(stdout).toMatch(/postStart\s+<(LifecycleHandler|Object)>/);
    expect(stdout).toContain("Done right after the start");
  });

  it("explain finds kinds of other groups", async () => {
    const { code, stdout } = await kubectl("explain", "deployment.spec.strategy");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^KIND:\s+Deployment$/m);
    expect(stdout).toMatch(/rollingUpdate\s+<(RollingUpdateDeployment|Object)>/);
  });

  it("explain --recursive goes to the leaves", async () => {
    const { code, stdout } = await kubectl("explain", "pod", "--recursive");
    expect(code).toBe(0);
    expect(stdout).toMatch(/requiredDuringSchedulingIgnoredDuringExecution\s+<\S*(NodeSelector|Object)>/);
    expect(stdout).toMatch(/tolerationSeconds\s+<integer>/);
  });

  it("explain refuses a field that does not exist", async () => {
    const { code, stderr } = await kubectl("explain", "pod.nonsense");
    expect(code).toBe(1);
    expect(stderr).toContain('field "nonsense" does not exist');
  });
});

describe("kubectl-1.20, which validates by itself", () => {
  const kubectl = (...args: string[]) => podbus.kubectlWith({ program: "kubectl-1.20" }, ...args);

  it.each([["create"], ["apply"]])("%s takes a valid pod", async (verb) => {
    const file = await manifest(verb, pod(verb, { resources: { requests: { cpu: 1, memory: "1Mi" } } }));
    expect((await kubectl(verb, "-f", file)).stdout).toBe(`pod/${verb} created\n`);
  });

  it.each([["create"], ["apply"]])("%s refuses an unknown field before it asks the server", async (verb) => {
    const file = await manifest(`${verb}-bad`, pod(`${verb}-bad`, { imagePullPolice: "Always" }));
    const { code, stderr } = await kubectl(verb, "-f", file);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'error validating data: ValidationError(Pod.spec.containers[0]): unknown field "imagePullPolice" in io.k8s.api.core.v1.Container',
    );
    expect((await kubectl("get", "pod", `${verb}-bad`)).code).toBe(1);
  });

  it("refuses a value of the wrong type", async () => {
    const file = await manifest("wrong", pod("wrong", { ports: [{ containerPort: "http" }] }));
    const { code, stderr } = await kubectl("create", "-f", file);
    expect(code).toBe(1);
    expect(stderr).toContain("invalid type for io.k8s.api.core.v1.ContainerPort.containerPort: got");
  });

  it("apply merges: what another has added stays, what the file no longer has goes", async () => {
    const first = await manifest("merged", pod("merged", {}, { labels: { keep: "1", drop: "1" } }));
    expect((await kubectl("apply", "-f", first)).stdout).toBe("pod/merged created\n");
    expect((await kubectl("label", "pod", "merged", "added=1")).code).toBe(0);
    const second = await manifest("merged", pod("merged", { image: "busybox:1.36" }, { labels: { keep: "2" } }));
    expect((await kubectl("apply", "-f", second)).stdout).toBe("pod/merged configured\n");
    const { stdout } = await kubectl("get", "pod", "merged", "-o", "json");
    const { metadata, spec } = JSON.parse(stdout);
    expect(metadata.labels).toEqual({ keep: "2", added: "1" });
    expect(spec.containers).toMatchObject([{ name: "main", image: "busybox:1.36", imagePullPolicy: "Always" }]);
  });

  it("apply --dry-run=server finds in the document that the server can do it", async () => {
    const file = await manifest("dry", pod("dry"));
    const { code, stdout } = await kubectl("apply", "--dry-run=server", "-f", file);
    expect([code, stdout]).toEqual([0, "pod/dry created (server dry run)\n"]);
    expect((await kubectl("get", "pod", "dry")).code).toBe(1);
  });
});
