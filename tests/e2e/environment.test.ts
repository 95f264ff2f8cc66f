import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireBinary } from "@podbus/binaries";
import { buildBusyboxImage } from "@podbus/images";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** What a container is told: by variables, by files, and by its command line. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  await podbus.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "clerk" } });
  await podbus.apply(settings({ colour: "red", "1st": "x" }));
  await podbus.kubectlOk("create", "secret", "generic", "login", "--from-literal=user=ann", "--from-literal=key=a b");
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const settings = (data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data,
});
const serve = ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"];
const main = (given: object) => ({ name: "main", image: registry.busybox, command: serve, ...given });
const field = (fieldPath: string) => ({ fieldRef: { fieldPath } });
const resource = (name: string, divisor?: string) => ({ resourceFieldRef: { resource: name, divisor } });

async function run(name: string, metadata: object, spec: object): Promise<void> {
  const rest = { restartPolicy: "Always", terminationGracePeriodSeconds: 0, ...spec };
  await podbus.apply({ apiVersion: "v1", kind: "Pod", metadata: { name, ...metadata }, spec: rest });
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`);
}
const inside = async (name: string, ...command: string[]) => podbus.kubectlOk("exec", name, "--", ...command);

async function variablesIn(name: string): Promise<Record<string, string>> {
  const lines = (await inside(name, "env")).trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

const mount = (...args: string[]) => promisify(execFile)(requireBinary("mount"), args);

describe("variables", () => {
  it("say what the pod is, where it runs and what it may use", async () => {
    const env = {
      NAME: field("metadata.name"),
      NAMESPACE: field("metadata.namespace"),
      UID_OF_POD: field("metadata.uid"),
      TIER: field("metadata.labels['tier']"),
      OWNER: field("metadata.annotations['example.com/owner']"),
      NODE: field("spec.nodeName"),
      ACCOUNT: field("spec.serviceAccountName"),
      POD_IP: field("status.podIP"),
      POD_IPS: field("status.podIPs"),
      HOST_IP: field("status.hostIP"),
      CPU: resource("limits.cpu", "1m"),
      CPUS: resource("limits.cpu"),
      MEMORY: resource("requests.memory", "1Mi"),
    };
    await run(
      "told",
      { labels: { tier: "front" }, annotations: { "example.com/owner": "Ann & Bob" } },
      {
        serviceAccountName: "clerk",
        containers: [
          main({
            env: Object.entries(env).map(([name, valueFrom]) => ({ name, valueFrom })),
            resources: { limits: { cpu: "250m", memory: "64Mi" }, requests: { cpu: "10m", memory: "32Mi" } },
          }),
        ],
      },
    );
    const { metadata, spec, status } = JSON.parse(await podbus.kubectlOk("get", "pod", "told", "-o", "json"));
    expect(await variablesIn("told")).toMatchObject({
      NAME: "told",
      NAMESPACE: "default",
      UID_OF_POD: metadata.uid,
      TIER: "front",
      OWNER: "Ann & Bob",
      NODE: spec.nodeName,
      ACCOUNT: "clerk",
      POD_IP: status.podIP,
      POD_IPS: status.podIP,
      HOST_IP: status.hostIP,
      CPU: "250",
      CPUS: "1",
      MEMORY: "32",
      HOSTNAME: "told",
    });
    expect(status.podIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it("come from ConfigMaps and Secrets, refer to each other, and go into the command line", async () => {
    await run(
      "put-together",
      {},
      {
        containers: [
          main({
            envFrom: [{ configMapRef: { name: "settings" } }, { secretRef: { name: "login" }, prefix: "LOGIN_" }],
            env: [
              { name: "FIRST", value: "one" },
              { name: "BOTH", value: "$(FIRST)-$(SECOND)-$$(FIRST)" },
              { name: "SECOND", value: "two" },
              { name: "colour", value: "blue" },
              { name: "KEY", valueFrom: { secretKeyRef: { name: "login", key: "key" } } },
              { name: "ABSENT", valueFrom: { configMapKeyRef: { name: "settings", key: "none", optional: true } } },
            ],
            workingDir: "/tmp",
            command: ["sh", "-c", 'echo "$0 $1 in $PWD" > /tmp/said; exec sleep 1000'],
            args: ["$(BOTH)", "$(NOBODY)"],
          }),
        ],
      },
    );
    const variables = await variablesIn("put-together");
    expect(variables).toMatchObject({
      BOTH: "one-$(SECOND)-$(FIRST)",
      colour: "blue",
      LOGIN_user: "ann",
      LOGIN_key: "a b",
      KEY: "a b",
    });
    expect(variables).not.toHaveProperty("ABSENT");
    expect(await inside("put-together", "cat", "/tmp/said")).toBe("one-$(SECOND)-$(FIRST) $(NOBODY) in /tmp\n");
    expect(await podbus.kubectlOk("events", "--for", "pod/put-together", "--no-headers")).toMatch(
      /Warning +InvalidEnvironmentVariableNames .*Keys \[1st\] from the EnvFrom configMap default\/settings were skipped/,
    );
  });

  it("the environment is the image's, and what the pod says comes before it", async () => {
    const config = { Env: ["PATH=/bin", "OF_IMAGE=image", "OF_BOTH=image"] };
    const image = await registry.push(await buildBusyboxImage({ config }), "env:1");
    const env = [
      { name: "OF_BOTH", value: "pod" },
      { name: "OF_POD", value: "pod" },
    ];
    await run("variables", {}, { containers: [main({ image: image.name, env })] });
    const variables = (await inside("variables", "env")).split("\n");
    expect(variables.filter((each) => /^(PATH|OF_)/.test(each)).sort()).toEqual([
      "OF_BOTH=pod",
      "OF_IMAGE=image",
      "OF_POD=pod",
      "PATH=/bin",
    ]);
  });
});

describe("files", () => {
  it("show fields, settings and secrets with their modes, and follow them without a restart", async () => {
    const items = [
      { path: "labels", ...field("metadata.labels") },
      { path: "cpu", resourceFieldRef: { containerName: "main", resource: "limits.cpu", divisor: "1m" } },
    ];
    await podbus.apply(settings({ colour: "red", shape: "round" }));
    await run(
      "reader",
      { labels: { tier: "front" } },
      {
        containers: [
          main({
            resources: { limits: { cpu: "250m" } },
            volumeMounts: [
              { name: "pod", mountPath: "/pod" },
              { name: "settings", mountPath: "/settings", readOnly: true },
              { name: "all", mountPath: "/all" },
            ],
          }),
        ],
        volumes: [
          { name: "pod", downwardAPI: { items } },
          {
            name: "settings",
            configMap: { name: "settings", items: [{ key: "colour", path: "deep/colour", mode: 0o400 }] },
          },
          {
            name: "all",
            projected: {
              defaultMode: 0o440,
              sources: [
                { configMap: { name: "settings" } },
                { secret: { name: "login" } },
                { secret: { name: "nobody", optional: true } },
                { downwardAPI: { items: items.slice(0, 1) } },
                { serviceAccountToken: { path: "token", audience: "shop", expirationSeconds: 3600 } },
              ],
            },
          },
        ],
      },
    );
    expect(await inside("reader", "cat", "/pod/labels", "/pod/cpu", "/settings/deep/colour")).toBe(
      'tier="front"250red',
    );
    expect(await inside("reader", "stat", "-L", "-c", "%a", "/settings/deep/colour", "/all/user")).toBe("400\n440\n");
    expect((await inside("reader", "ls", "/all")).split("\n")).toEqual([
      "colour",
      "key",
      "labels",
      "shape",
      "token",
      "user",
      "",
    ]);
    expect(await inside("reader", "cat", "/all/token")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);

    // Those of the pod itself follow at once, together with all others of its volumes.
    await podbus.apply(settings({ colour: "green", shape: "round" }));
    await podbus.kubectlOk("label", "pod", "reader", "tier=back", "--overwrite");
    await eventuallyPasses(
      async () =>
        expect(
          await inside("reader", "cat", "/pod/labels", "/settings/deep/colour", "/all/colour", "/all/labels"),
        ).toBe('tier="back"greengreentier="back"'),
      { timeoutMs: 30_000 },
    );
    const restarts = "jsonpath={.status.containerStatuses[0].restartCount}";
    expect(await podbus.kubectlOk("get", "pod", "reader", "-o", restarts)).toBe("0");
  });

  it("see what is mounted below them later, if they ask for it", async () => {
    // As on a machine whose init makes all mounts shared.
    const shared = await mkdtemp(join(tmpdir(), "podbus-shared-"));
    await mount("--bind", shared, shared);
    await mount("--make-shared", shared);
    try {
      const sees = (name: string, mountPropagation?: string, more: object = {}) => ({
        ...main({ volumeMounts: [{ name: "data", mountPath: "/data", mountPropagation }], ...more }),
        name,
      });
      const containers = [
        sees("main", "Bidirectional", { securityContext: { privileged: true } }),
        sees("follows", "HostToContainer"),
        sees("alone"),
      ];
      await run("host-side", {}, { containers, volumes: [{ name: "data", hostPath: { path: shared } }] });
      const script = "mkdir /data/m && mount -t tmpfs tmpfs /data/m && echo there > /data/m/file";
      await inside("host-side", "sh", "-c", script);
      const seen = (name: string) => podbus.kubectl("exec", "host-side", "-c", name, "--", "cat", "/data/m/file");
      expect(await seen("follows")).toMatchObject({ code: 0, stdout: "there\n" });
      expect(await readFile(join(shared, "m/file"), "utf8")).toBe("there\n");
      expect(await seen("alone")).toMatchObject({ code: 1, stderr: expect.stringContaining("No such file") });
      await podbus.kubectlOk("delete", "pod", "host-side");
    } finally {
      await promisify(execFile)(requireBinary("umount"), ["--recursive", shared]);
      await rm(shared, { recursive: true });
    }
  });
});
