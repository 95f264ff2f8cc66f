import { readFile } from "node:fs/promises";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, type PodbusOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Parts of volumes, and their limits. */
let registry: RegistryWithBusybox;
let options: PodbusOptions;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  options = await freshOptions([registry.host]);
  podbus = await PodbusProcess.start(options);
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const container = (name: string, script: string, volumeMounts: readonly object[]) => ({
  name,
  image: registry.busybox,
  command: ["sh", "-c", script],
  volumeMounts,
});
const pod = (name: string, spec: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 0, volumes: [{ name: "data", emptyDir: {} }], ...spec },
});
const serve = "trap 'exit 0' TERM; sleep 1000 & wait";
const inside = async (name: string, where: string, script: string) =>
  (await podbus.kubectlOk("exec", name, "-c", where, "--", "sh", "-c", script)).trim();
const ready = (name: string) => podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`);

describe("a volume, or a part of it,", () => {
  it("is a directory or a file of it, made if it is missing", async () => {
    await podbus.kubectlOk("create", "configmap", "settings", "--from-literal=a.conf=one");
    await podbus.apply(
      pod("parts", {
        initContainers: [container("fill", "echo there > /data/file", [{ name: "data", mountPath: "/data" }])],
        containers: [
          {
            ...container("main", serve, [
              { name: "data", mountPath: "/all" },
              { name: "data", mountPath: "/made", subPathExpr: "of/$(WHO)" },
              { name: "data", mountPath: "/etc/file", subPath: "file" },
              { name: "settings", mountPath: "/etc/a.conf", subPath: "a.conf" },
            ]),
            env: [{ name: "WHO", value: "me" }],
          },
        ],
        volumes: [
          { name: "data", emptyDir: {} },
          { name: "settings", configMap: { name: "settings" } },
        ],
      }),
    );
    await ready("parts");
    expect(await inside("parts", "main", "cat /etc/file /etc/a.conf; echo mine > /made/x; cat /all/of/me/x")).toBe(
      "there\nonemine",
    );
  });

  it("of a ConfigMap is what it was when the container started; the next run sees the new one", async () => {
    await podbus.apply({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings" },
      data: { "a.conf": "two" },
    });
    await podbus.kubectlOk("annotate", "pod", "parts", "look=again");
    await podbus.kubectl("exec", "parts", "--", "sh", "-c", "kill -TERM 1");
    await eventuallyPasses(async () => expect(await inside("parts", "main", "cat /etc/a.conf")).toBe("two"), {
      timeoutMs: 30_000,
    });
  });

  it("is never outside of it, although a container makes a link", async () => {
    await podbus.apply(
      pod("climber", {
        initContainers: [
          container("lay", "ln -s / /data/root; ln -s ../../.. /data/up", [{ name: "data", mountPath: "/data" }]),
        ],
        containers: [
          container("root", serve, [{ name: "data", mountPath: "/x", subPath: "root" }]),
          container("up", serve, [{ name: "data", mountPath: "/x", subPath: "up/etc" }]),
        ],
      }),
    );
    await eventuallyPasses(async () => {
      const { status } = JSON.parse(await podbus.kubectlOk("get", "pod", "climber", "-o", "json"));
      for (const name of ["root", "up"]) {
        const { state } = status.containerStatuses.find((each: { name: string }) => each.name === name);
        expect(state.waiting).toEqual({
          reason: "CreateContainerConfigError",
          message: `failed to prepare subPath for volumeMount "data" of container "${name}"`,
        });
      }
    });
  });

  it("that grows beyond its limit has its pod evicted", async () => {
    const fill = container("main", "dd if=/dev/zero of=/data/f bs=1M count=3; sleep 1000", [
      { name: "data", mountPath: "/data" },
    ]);
    const volumes = [{ name: "data", emptyDir: { sizeLimit: "1Mi" } }];
    await podbus.apply(pod("greedy", { containers: [fill], volumes }));
    await podbus.kubectlOk("wait", "--for=jsonpath={.status.phase}=Failed", "--timeout=60s", "pod/greedy");
    const { status } = JSON.parse(await podbus.kubectlOk("get", "pod", "greedy", "-o", "json"));
    expect(status).toMatchObject({
      reason: "Evicted",
      message: 'Usage of EmptyDir volume "data" exceeds the limit "1Mi".',
    });
    await podbus.kubectlOk("delete", "pod", "greedy");
  });

  it("leaves no mount behind", async () => {
    await podbus.kubectlOk("delete", "pod", "parts", "climber");
    await eventuallyPasses(async () =>
      expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(`${options.stateDir}/pods`),
    );
  });
});

describe("what a pod refers to", () => {
  const described = (name: string) => podbus.kubectlOk("describe", "pod", name);
  const late = (name: string) => ({
    containers: [
      {
        ...container("main", `cat /conf/key /secret/key; echo $NAME; ${serve}`, [
          { name: "conf", mountPath: "/conf" },
          { name: "secret", mountPath: "/secret" },
        ]),
        env: [{ name: "NAME", valueFrom: { configMapKeyRef: { name: `${name}-env`, key: "name" } } }],
      },
    ],
    volumes: [
      { name: "conf", configMap: { name: `${name}-conf` } },
      { name: "secret", secret: { secretName: `${name}-secret` } },
      { name: "never", configMap: { name: `${name}-never`, optional: true } },
    ],
  });

  it("may appear later: it is told what is missing, and the pod starts without help", async () => {
    await podbus.apply(pod("late", late("late")));
    await eventuallyPasses(async () =>
      expect(await described("late")).toContain(
        'MountVolume.SetUp failed for volume "conf" : configmap "late-conf" not found',
      ),
    );
    expect(await podbus.kubectlOk("get", "pod", "late", "--no-headers")).toMatch(/^late +0\/1 +ContainerCreating +0 /);
    await podbus.kubectlOk("create", "configmap", "late-conf", "--from-literal=key=one\n");
    await eventuallyPasses(
      async () =>
        expect(await described("late")).toContain(
          'MountVolume.SetUp failed for volume "secret" : secret "late-secret" not found',
        ),
      { timeoutMs: 30_000 },
    );
    await podbus.kubectlOk("create", "secret", "generic", "late-secret", "--from-literal=key=two\n");
    await eventuallyPasses(
      async () =>
        expect(await podbus.kubectlOk("get", "pod", "late", "--no-headers")).toMatch(
          /^late +0\/1 +CreateContainerConfigError +0 /,
        ),
      { timeoutMs: 30_000 },
    );
    expect(await described("late")).toContain('Error: configmap "late-env" not found');
    await podbus.kubectlOk("create", "configmap", "late-env", "--from-literal=name=three");
    await ready("late");
    expect(await podbus.kubectlOk("logs", "late")).toBe("one\ntwo\nthree\n");
    const { status } = JSON.parse(await podbus.kubectlOk("get", "pod", "late", "-o", "json"));
    expect(status.containerStatuses[0].restartCount).toBe(0);
  });
});
