import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** What issue "One pod, end to end" promises of an unmodified kubectl, one sentence after the other, on real containers. */
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

const serve = ["sh", "-c", 'trap "exit 0" TERM; echo "started with $GREETING"; while :; do sleep 0.2; done'];

function pod(name: string, extra: { metadata?: object; spec?: object; container?: object } = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...extra.metadata },
    spec: {
      terminationGracePeriodSeconds: 5,
      ...extra.spec,
      containers: [{ name: "main", image: registry.busybox, command: serve, ...extra.container }],
    },
  };
}

const waitReady = (name: string) => podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=30s", `pod/${name}`);

describe("what kubectl asks of any cluster", () => {
  it("version tells the server's", async () => {
    expect(await podbus.kubectlOk("version")).toMatch(/Server Version: v1\.\d+/);
  });

  it("api-resources lists the kinds with their short names", async () => {
    const listed = await podbus.kubectlOk("api-resources", "--no-headers");
    for (const row of [/^pods +po +v1 +true +Pod$/m, /^nodes +no +v1 +false +Node$/m, /^configmaps +cm +v1 +true/m]) {
      expect(listed).toMatch(row);
    }
  });

  it("get nodes shows this machine Ready", async () => {
    expect(await podbus.kubectlOk("get", "nodes")).toMatch(
      /^NAME +STATUS +ROLES +AGE +VERSION\nnode-1 +Ready +<none> +\S+ +\S+/,
    );
  });

  it("get namespaces shows the four that every cluster has", async () => {
    const names = (await podbus.kubectlOk("get", "ns", "-o", "name")).trim().split("\n");
    expect(names).toEqual(
      ["default", "kube-node-lease", "kube-public", "kube-system"].map((name) => `namespace/${name}`),
    );
  });

  it("describe node tells capacity and conditions", async () => {
    const text = await podbus.kubectlOk("describe", "node", "node-1");
    expect(text).toMatch(/Capacity:\n +cpu: +\d+/);
    expect(text).toMatch(/Ready +True .* KubeletReady/);
  });
});

describe("one pod's life", () => {
  it("is created, becomes Ready, and looks as in Kubernetes", async () => {
    await podbus.kubectlOk("create", "configmap", "words", "--from-literal=greeting=hello");
    const fromConfigMap = { name: "GREETING", valueFrom: { configMapKeyRef: { name: "words", key: "greeting" } } };
    await podbus.apply(pod("web", { metadata: { labels: { app: "web" } }, container: { env: [fromConfigMap] } }));
    await waitReady("web");
    expect(await podbus.kubectlOk("get", "pod", "web")).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE\nweb +1\/1 +Running +0 +\d+s\n$/,
    );
    expect(await podbus.kubectlOk("get", "pod", "web", "-o", "wide")).toMatch(
      /NODE +NOMINATED NODE +READINESS GATES\nweb .* 10\.89\.\d+\.\d+ +node-1 +<none> +<none>\n$/,
    );
  });

  it("prints as JSON, YAML and JSONPath", async () => {
    const json = JSON.parse(await podbus.kubectlOk("get", "pod", "web", "-o", "json"));
    expect(json).toMatchObject({ kind: "Pod", status: { phase: "Running", qosClass: "BestEffort" } });
    expect(await podbus.kubectlOk("get", "pod", "web", "-o", "yaml")).toContain("phase: Running");
    expect(await podbus.kubectlOk("get", "pod", "web", "-o", "jsonpath={.spec.nodeName}")).toBe("node-1");
  });

  it("describe shows its containers, conditions and events in order", async () => {
    const text = await podbus.kubectlOk("describe", "pod", "web");
    expect(text).toMatch(/Status: +Running/);
    expect(text).toMatch(/Ready: +True/);
    const reasons = [...text.matchAll(/^ {2}Normal +(\w+)/gm)].map(([, reason]) => reason);
    expect(reasons).toEqual(["Scheduled", "Pulling", "Pulled", "Created", "Started"]);
  });

  it("apply again after an edit of a label changes the label and nothing else", async () => {
    const before = await podbus.kubectlOk(
      "get",
      "pod",
      "web",
      "-o",
      "jsonpath={.metadata.uid} {.status.containerStatuses[0].containerID}",
    );
    const fromConfigMap = { name: "GREETING", valueFrom: { configMapKeyRef: { name: "words", key: "greeting" } } };
    await podbus.apply(
      pod("web", { metadata: { labels: { app: "web", tier: "front" } }, container: { env: [fromConfigMap] } }),
    );
    expect(await podbus.kubectlOk("get", "pods", "-l", "tier=front", "-o", "name")).toBe("pod/web\n");
    const after = await podbus.kubectlOk(
      "get",
      "pod",
      "web",
      "-o",
      "jsonpath={.metadata.uid} {.status.containerStatuses[0].containerID}",
    );
    expect(after).toBe(before);
  });

  it("logs shows what the container wrote, with its environment", async () => {
    expect(await podbus.kubectlOk("logs", "web")).toBe("started with hello\n");
  });

  it("logs -f follows until the container ends", async () => {
    const chatty = ["sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.3; done"];
    await podbus.apply(pod("chatty", { spec: { restartPolicy: "Never" }, container: { command: chatty } }));
    const started = "jsonpath={.status.phase}";
    await eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("get", "pod", "chatty", "-o", started)).toMatch(/Running|Succeeded/),
    );
    expect(await podbus.kubectlOk("logs", "-f", "chatty")).toBe("line 1\nline 2\nline 3\n");
    await podbus.kubectlOk("wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=10s", "pod/chatty");
    expect(await podbus.kubectlOk("get", "pod", "chatty", "--no-headers")).toMatch(/^chatty +0\/1 +Completed +0/);
  });

  it("exec runs a command, with its output and its exit code", async () => {
    expect(await podbus.kubectlOk("exec", "web", "--", "sh", "-c", "hostname; id -u")).toBe("web\n0\n");
    const failed = await podbus.kubectl("exec", "web", "--", "sh", "-c", "echo no >&2; exit 7");
    expect(failed).toMatchObject({ code: 7, stdout: "" });
    expect(failed.stderr).toContain("no\n");
  });

  it("get -w sees every step of another pod's life", async () => {
    const watching = podbus.kubectlWith(
      { timeoutMs: 20_000 },
      "get",
      "pods",
      "-w",
      "--request-timeout=6s",
      "--no-headers",
    );
    await podbus.apply(pod("seen"));
    await waitReady("seen");
    await podbus.kubectlOk("delete", "pod", "seen", "--grace-period=1");
    const { stdout } = await watching;
    const steps = stdout
      .split("\n")
      .filter((line) => line.startsWith("seen "))
      .map((line) => line.split(/ +/)[2]);
    expect(steps).toEqual(expect.arrayContaining(["ContainerCreating", "Running", "Terminating"]));
  });

  it("delete with a grace period ends it within that period and removes it", async () => {
    const begun = performance.now();
    await podbus.kubectlOk("delete", "pod", "web", "--grace-period=3");
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect((await podbus.kubectl("get", "pod", "web")).stderr).toBe(
      'Error from server (NotFound): pods "web" not found\n',
    );
  });

  it("run makes one from the command line", async () => {
    const { code, stdout, stderr } = await podbus.kubectl(
      "run",
      "quick",
      `--image=${registry.busybox}`,
      "--",
      "sleep",
      "100",
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "pod/quick created\n", stderr: "" });
    await waitReady("quick");
    await podbus.kubectlOk("delete", "pod", "quick", "--now");
  });
});

describe("other kinds", () => {
  it("secrets are created, described without their values, and reach a pod as a file", async () => {
    await podbus.kubectlOk("create", "secret", "generic", "key", "--from-literal=token=s3cret");
    const described = await podbus.kubectlOk("describe", "secret", "key");
    expect(described).toMatch(/token: +6 bytes/);
    expect(described).not.toContain("s3cret");
    const mounts = { volumeMounts: [{ name: "key", mountPath: "/key", readOnly: true }] };
    await podbus.apply(
      pod("holder", { spec: { volumes: [{ name: "key", secret: { secretName: "key" } }] }, container: mounts }),
    );
    await waitReady("holder");
    expect(await podbus.kubectlOk("exec", "holder", "--", "cat", "/key/token")).toBe("s3cret");
    await podbus.kubectlOk("delete", "pod", "holder", "--grace-period=0", "--force");
    await podbus.kubectlOk("delete", "secret", "key");
  });

  it("a namespace is deleted with everything in it", async () => {
    await podbus.kubectlOk("create", "namespace", "shop");
    await podbus.kubectlOk("create", "configmap", "cm", "-n", "shop");
    await podbus.apply(pod("till", { metadata: { namespace: "shop" } }));
    await podbus.kubectlOk("wait", "-n", "shop", "--for=condition=Ready", "--timeout=30s", "pod/till");
    await podbus.kubectlOk("delete", "namespace", "shop");
    expect((await podbus.kubectl("get", "ns", "shop")).stderr).toContain('namespaces "shop" not found');
    expect(await podbus.kubectlOk("get", "pods,cm", "-n", "shop", "-o", "name")).toBe("");
  });

  it("events are listed with what they are about", async () => {
    expect(await podbus.kubectlOk("get", "events")).toMatch(/Normal +Started +pod\/chatty/);
  });
});

describe("a command that cannot work says so", () => {
  it.each([
    ["a pod that does not exist", ["get", "pod", "nobody"], /pods "nobody" not found/],
    ["a kind that does not exist", ["get", "gadgets"], /the server doesn't have a resource type "gadgets"/],
    [
      "a container that does not exist",
      ["logs", "chatty", "-c", "other"],
      /container other is not valid for pod chatty/,
    ],
  ])("%s", async (_sentence, args, message) => {
    const { code, stderr } = await podbus.kubectl(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});
