import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Pods from a directory of the machine: they run whatever the API says, which shows a mirror of each. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let manifests: string;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  manifests = join(await mkdtemp(join(tmpdir(), "podbus-static-")), "manifests");
  await mkdir(manifests);
  const env = { PODBUS_STATIC_POD_PATH: manifests };
  podbus = await PodbusProcess.start({ ...(await freshOptions([registry.host])), env });
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await rm(join(manifests, ".."), { recursive: true, force: true });
}, 120_000);

interface Written {
  readonly script?: string;
  readonly metadata?: object;
  readonly spec?: object;
}

const write = (name: string, { script = "exec sleep 1000", metadata = {}, spec = {} }: Written = {}) =>
  writeFile(
    join(manifests, `${name}.json`),
    JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, ...metadata },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: "main", image: registry.busybox, command: ["sh", "-c", script] }],
        ...spec,
      },
    }),
  );
const get = async (name: string) => JSON.parse(await podbus.kubectlOk("get", "pod", name, "-o", "json"));
const ready = (name: string) =>
  eventuallyPasses(() => podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=30s", `pod/${name}`), {
    timeoutMs: 60_000,
  });
const idOf = async (name: string) => (await get(name)).status.containerStatuses[0].containerID;

describe("a static pod", () => {
  beforeAll(async () => {
    await write("web", { script: "echo hello from $HOSTNAME; exec sleep 1000" });
    await ready("web-node-1");
  }, 90_000);

  it("is shown with what the kubelet writes in its mirror", async () => {
    const { metadata, spec, status } = await get("web-node-1");
    const { uid } = JSON.parse(await podbus.kubectlOk("get", "node", "node-1", "-o", "json")).metadata;
    expect(metadata.ownerReferences).toEqual([
      { apiVersion: "v1", kind: "Node", name: "node-1", uid, controller: true },
    ]);
    const annotations = metadata.annotations;
    expect(annotations["kubernetes.io/config.mirror"]).toBe(annotations["kubernetes.io/config.hash"]);
    expect(annotations["kubernetes.io/config.source"]).toBe("file");
    expect(spec).toMatchObject({ nodeName: "node-1", tolerations: [{ operator: "Exists", effect: "NoExecute" }] });
    expect(spec).not.toHaveProperty("serviceAccountName");
    const conditions = Object.fromEntries(status.conditions.map(({ type, status: is }: never) => [type, is]));
    expect(conditions).toMatchObject({ PodScheduled: "True", Initialized: "True", Ready: "True" });
    expect(status).toMatchObject({ phase: "Running", qosClass: "BestEffort", hostIP: expect.any(String) });
  });

  it("can be read, entered and described by its mirror", async () => {
    expect(await podbus.kubectlOk("logs", "web-node-1")).toBe("hello from web-node-1\n");
    expect(await podbus.kubectlOk("exec", "web-node-1", "--", "hostname")).toBe("web-node-1\n");
    await eventuallyPasses(async () => {
      const described = await podbus.kubectlOk("describe", "pod", "web-node-1");
      expect(described).toContain("Controlled By:  Node/node-1");
      expect(described).toMatch(/Normal +Started +\S+ +kubelet +Started container main/);
    });
  });

  it("goes on when its mirror is deleted, and is shown again", async () => {
    const [id, { metadata }] = [await idOf("web-node-1"), await get("web-node-1")];
    expect(await podbus.kubectlOk("delete", "pod", "web-node-1")).toContain('pod "web-node-1" deleted');
    await ready("web-node-1");
    expect((await get("web-node-1")).metadata.uid).not.toBe(metadata.uid);
    expect(await idOf("web-node-1")).toBe(id);
  });

  it("cannot be changed through the API", async () => {
    const debug = await podbus.kubectl("debug", "web-node-1", `--image=${registry.busybox}`);
    expect(debug.code).toBe(1);
    expect(debug.stderr).toContain("static pods do not support ephemeral containers");
    const key = "kubernetes.io/config.mirror-";
    const stripped = await podbus.kubectl("annotate", "pod", "web-node-1", key);
    expect(stripped.stderr).toContain("may not remove mirror pod annotation");
    const before = await idOf("web-node-1");
    await podbus.kubectlOk("set", "image", "pod/web-node-1", `main=${registry.busybox}-other`);
    await podbus.kubectlOk("delete", "pod", "web-node-1");
    await ready("web-node-1");
    expect(await idOf("web-node-1")).toBe(before);
  });

  it("survives a restart of podbus, and a change of its manifest replaces it", async () => {
    const { metadata } = await get("web-node-1");
    const id = await idOf("web-node-1");
    await podbus.stop();
    await podbus.startAgain();
    await ready("web-node-1");
    expect(await idOf("web-node-1")).toBe(id);
    expect((await get("web-node-1")).metadata.uid).toBe(metadata.uid);
    await write("web", { script: "echo second; exec sleep 1000" });
    await eventuallyPasses(async () => expect(await podbus.kubectlOk("logs", "web-node-1")).toBe("second\n"), {
      timeoutMs: 60_000,
    });
    expect(await idOf("web-node-1")).not.toBe(id);
  });

  it("ends when its manifest is removed, and its mirror with it", async () => {
    await rm(join(manifests, "web.json"));
    await eventuallyPasses(
      async () => expect((await podbus.kubectl("get", "pod", "web-node-1")).stderr).toContain("not found"),
      { timeoutMs: 60_000 },
    );
  });
});

it.each([
  ["no Pod", "no-pod.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: x }", "cannot be handled as a Pod"],
  ["no YAML", "broken.yaml", "a: [", "broken.yaml"],
  [
    "a reference that only the API could answer",
    "secret.yaml",
    "apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { serviceAccountName: robot, containers: [{ name: a, image: b }] }",
    "static pods may not reference serviceaccounts",
  ],
])("a manifest that is %s is told at the node, and nothing runs", async (_, name, text, problem) => {
  await writeFile(join(manifests, name), text);
  await eventuallyPasses(
    async () => {
      const described = await podbus.kubectlOk("describe", "node", "node-1");
      expect(described).toContain("InvalidStaticPod");
      expect(described).toContain(problem);
    },
    { timeoutMs: 30_000 },
  );
  expect((await podbus.kubectl("get", "pod", "x-node-1")).stderr).toContain("not found");
});
