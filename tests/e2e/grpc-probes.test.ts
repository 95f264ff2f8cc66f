import { fileURLToPath } from "node:url";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Probes of a real gRPC server in a real container. */
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

const program = fileURLToPath(new URL("../support/grpc-health-server.ts", import.meta.url));
const asked = (name: string, command: readonly string[], grpc: object) => ({
  name,
  image: registry.busybox,
  command,
  // Node comes with this checkout, which is the container's by its root.
  volumeMounts: [{ name: "machine", mountPath: "/machine", readOnly: true }],
  readinessProbe: { grpc, periodSeconds: 1, timeoutSeconds: 5 },
});

it("tell a healthy service from one that is not, one that is unknown, and a port where nobody listens", async () => {
  const sleep = ["sleep", "1000"];
  await podbus.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "grpc" },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        asked("server", ["chroot", "/machine", process.execPath, program], { port: 50_051 }),
        asked("shop", sleep, { port: 50_051, service: "shop" }),
        asked("unknown", sleep, { port: 50_051, service: "unknown" }),
        asked("nobody", sleep, { port: 50_052 }),
      ],
      volumes: [{ name: "machine", hostPath: { path: "/" } }],
    },
  });
  await eventuallyPasses(
    async () => {
      const pod = JSON.parse(await podbus.kubectlOk("get", "pod", "grpc", "-o", "json"));
      const ready = Object.fromEntries(
        pod.status.containerStatuses.map(({ name, ready }: { name: string; ready: boolean }) => [name, ready]),
      );
      expect(ready).toEqual({ server: true, shop: false, unknown: false, nobody: false });
      const events = await podbus.kubectlOk("get", "events", "--field-selector", "reason=Unhealthy", "-o", "yaml");
      for (const message of [
        'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
        "Readiness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
        `Readiness probe failed: error: failed to connect service at "${pod.status.podIP}:50052"`,
      ])
        expect(events.replaceAll(/\n +/g, " ")).toContain(message);
    },
    { timeoutMs: 30_000 },
  );
});
