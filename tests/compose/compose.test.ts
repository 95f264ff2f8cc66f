import { rm } from "node:fs/promises";
import { eventually } from "@podbus/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ComposeProject } from "./compose-project.ts";
import { type DockerEngine, startDockerEngine } from "./docker-engine.ts";
import { startProgress } from "./progress.ts";
import { buildStandInImages } from "./stand-in-images.ts";

/** docker-compose.yml as a user runs it, on a real Docker Engine. Jaeger's image cannot be made here: it stays out. */
let engine: DockerEngine;
let podbus: ComposeProject;
const progress = startProgress();

beforeAll(async () => {
  engine = await startDockerEngine();
  progress("dockerd answers");
  podbus = new ComposeProject(engine);
  await buildStandInImages(engine, (tag) => progress(`stand-in for ${tag}`));
  await podbus.compose("config", "--quiet");
  await podbus.compose("build");
  progress("images of podbus are built");
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stdout.write(`${await podbus.logs()}\n`);
  else progress(task.name);
});

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  progress("dockerd is gone");
});

const nodeServices = ["containerd", "hook-runner", "image-puller", "pod-lifecycle", "probe-runner"];
const clusterServices = ["api-gateway", "eviction", "nats", "scheduler-admission", "trace-explorer"];

let image: string;

const pod = () => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: {
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: "main",
        image,
        command: ["sh", "-c", 'trap "exit 0" TERM; httpd -p 8080; echo serving; while :; do sleep 0.2; done'],
        readinessProbe: { httpGet: { port: 8080, path: "/etc/hostname" }, periodSeconds: 1 },
        lifecycle: { postStart: { exec: { command: ["touch", "/memory/hook-was-here"] } } },
        volumeMounts: [
          { name: "memory", mountPath: "/memory" },
          { name: "secret", mountPath: "/secret" },
        ],
        resources: { limits: { memory: "64Mi", cpu: "500m" } },
      },
    ],
    volumes: [
      { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "8Mi" } },
      { name: "secret", secret: { secretName: "word" } },
    ],
  },
});

const podField = (path: string) => podbus.kubectl("get", "pod", "web", "-o", `jsonpath={${path}}`);
const readySince = () => podField('.status.conditions[?(@.type=="Ready")].lastTransitionTime');

describe("docker compose", () => {
  it("brings up a node that becomes Ready", async () => {
    await podbus.up();
    progress("containers are started");
    await eventually(() => podbus.kubectl("wait", "--for=condition=Ready", "--timeout=30s", "node/node-1"), {
      timeoutMs: 60_000,
      intervalMs: 500,
      message: "the node was not Ready",
    });
  });

  it("runs each service in a container of its own", async () => {
    expect(await podbus.runningServices()).toEqual([...nodeServices, ...clusterServices, "node", "registry"].sort());
  });

  it("runs a pod from the registry beside it, with a probe, a hook and volumes", async () => {
    image = await podbus.pushBusybox();
    await podbus.kubectl("create", "secret", "generic", "word", "--from-literal=word=swordfish");
    await podbus.apply(pod());
    await podbus.kubectl("wait", "--for=condition=Ready", "--timeout=60s", "pod/web");
  });

  it("streams the pod's log and runs commands in it", async () => {
    expect(await podbus.kubectl("logs", "web")).toBe("serving\n");
    const words = await podbus.kubectl(
      "exec",
      "web",
      "--",
      "sh",
      "-c",
      "ls /memory; cat /secret/word; echo; df /memory",
    );
    expect(words).toMatch(/^hook-was-here\nswordfish\nFilesystem .*\ntmpfs +8192 /);
  });

  it("shows one trace of the start from all six services", async () => {
    const [, traceId = ""] = (await podField(".metadata.annotations.podbus\\.dev/traceparent")).split("-");
    const onThePath = [
      ...["api-gateway", "hook-runner", "image-puller"],
      ...["pod-lifecycle", "probe-runner", "scheduler-admission"],
    ];
    await eventually(async () => expect(await podbus.servicesOfTrace(traceId)).toEqual(onThePath), { intervalMs: 500 });
  });

  it("keeps the pod Ready while a service of its node restarts", async () => {
    const before = await readySince();
    await podbus.compose("restart", "pod-lifecycle");
    await eventually(() => podbus.kubectl("exec", "web", "--", "true"), { timeoutMs: 30_000 });
    expect(await podField('.status.conditions[?(@.type=="Ready")].status')).toBe("True");
    expect(await readySince()).toBe(before);
    expect(await podField(".status.containerStatuses[0].restartCount")).toBe("0");
  });

  it("deletes the pod", async () => {
    await podbus.kubectl("delete", "pod", "web", "--timeout=30s");
    expect(await podbus.kubectl("get", "pods", "-o", "name")).toBe("");
  });

  it("has started no container twice", async () => {
    const counts = await podbus.restartCounts();
    expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual([]);
  });

  it("leaves nothing behind", async () => {
    await podbus.compose("down", "--volumes");
    expect(await podbus.leftovers()).toEqual({
      ...{ containers: [], volumes: [], networks: [] },
      ...{ mounts: [], volumeMounts: [], podCgroups: [] },
    });
    // It would fail on a mount.
    await rm(podbus.stateDir, { recursive: true });
  });
});
