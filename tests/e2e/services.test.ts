import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Addresses of Services, and the variables by which containers find them. */
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

const addressOf = (name: string) => podbus.kubectlOk("get", "service", name, "-o", "jsonpath={.spec.clusterIP}");
const patch = (name: string, spec: object) =>
  podbus.kubectl("patch", "service", name, "--type=merge", "-p", JSON.stringify({ spec }));

async function environmentOf(name: string, spec: object = {}): Promise<Record<string, string>> {
  await podbus.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      containers: [
        {
          name: "main",
          image: registry.busybox,
          command: ["env"],
          env: [{ name: "URL", value: "http://$(WEB_SERVICE_HOST):$(WEB_SERVICE_PORT)" }],
        },
      ],
      ...spec,
    },
  });
  await podbus.kubectlOk("wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s", `pod/${name}`);
  const lines = (await podbus.kubectlOk("logs", name)).trim().split("\n");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

describe("addresses", () => {
  it("the first one is the API server's", async () => {
    expect(await podbus.kubectlOk("get", "service", "kubernetes", "--no-headers")).toMatch(
      /^kubernetes +ClusterIP +10\.96\.0\.1 +<none> +443\/TCP/,
    );
  });

  it("are kept by updates, changed types and applies that do not name them", async () => {
    await podbus.kubectlOk("create", "service", "nodeport", "moving", "--tcp=80");
    const address = await addressOf("moving");
    expect(address).toMatch(/^10\.96\.\d+\.\d+$/);
    await podbus.kubectlOk("label", "service", "moving", "a=b");
    expect((await patch("moving", { type: "ClusterIP" })).code).toBe(0);
    const manifest = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "moving" },
      spec: { ports: [{ name: "80", port: 80, targetPort: 81 }] },
    };
    await podbus.apply(manifest);
    expect(await addressOf("moving")).toBe(address);
    const changed = await patch("moving", { clusterIP: "10.96.0.200" });
    expect(changed).toMatchObject({ code: 1, stderr: expect.stringContaining("may not change once set") });
  });

  it("of a Service that is deleted can be had again at once", async () => {
    await podbus.kubectlOk("create", "service", "clusterip", "brief", "--tcp=80", "--clusterip=10.96.0.99");
    await podbus.kubectlOk("delete", "service", "brief");
    await expect
      .poll(() => podbus.kubectl("create", "service", "clusterip", "heir", "--tcp=80", "--clusterip=10.96.0.99"))
      .toMatchObject({ code: 0 });
  });
});

describe("a container", () => {
  beforeAll(async () => {
    await podbus.kubectlOk("create", "service", "clusterip", "web", "--tcp=8080");
    await podbus.kubectlOk("create", "service", "clusterip", "headless", "--clusterip=None");
    await podbus.kubectlOk("create", "namespace", "elsewhere");
    await podbus.kubectlOk("create", "service", "clusterip", "far", "--tcp=1", "-n", "elsewhere");
  });

  it("has the variables of its namespace's Services and of the API server, and may refer to them", async () => {
    const address = await addressOf("web");
    const environment = await environmentOf("linked");
    expect(environment).toMatchObject({
      WEB_SERVICE_HOST: address,
      WEB_SERVICE_PORT: "8080",
      WEB_SERVICE_PORT_8080: "8080",
      WEB_PORT: `tcp://${address}:8080`,
      WEB_PORT_8080_TCP_ADDR: address,
      URL: `http://${address}:8080`,
      KUBERNETES_SERVICE_HOST: expect.any(String),
    });
    const names = Object.keys(environment).join(" ");
    expect(names).not.toMatch(/HEADLESS|FAR/);
  });

  it("has those of the API server only, if it wants no links", async () => {
    const environment = await environmentOf("unlinked", { enableServiceLinks: false });
    expect(environment).toMatchObject({ URL: "http://$(WEB_SERVICE_HOST):$(WEB_SERVICE_PORT)" });
    expect(environment).toHaveProperty("KUBERNETES_SERVICE_HOST");
    expect(environment).not.toHaveProperty("WEB_SERVICE_HOST");
  });

  it("knows what there was when it was made, and no more", async () => {
    await podbus.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "early" },
      spec: { containers: [{ name: "main", image: registry.busybox, command: ["sleep", "1000"] }] },
    });
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/early");
    await podbus.kubectlOk("create", "service", "clusterip", "late", "--tcp=1");
    expect(await podbus.kubectlOk("exec", "early", "--", "env")).not.toContain("LATE_SERVICE_HOST");
  });
});
