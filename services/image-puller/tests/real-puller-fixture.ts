import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trace } from "@opentelemetry/api";
import { createMemoryBus } from "@podbus/bus";
import { type Clock, systemClock } from "@podbus/clock";
import { ImagePuller } from "@podbus/contracts";
import { createLogger } from "@podbus/telemetry";
import type { TestContainerd } from "@podbus/testkit";
import { imagePullerConfig, startImagePuller } from "image-puller";
import { startFakeNodeApi } from "./fake-node-api.ts";
import { type Answer, type Ask, answerOf } from "./image-puller-fixture.ts";

const node = "node-1";

/** The service on a bus in memory, with a real containerd and a NodeApi that keeps the events. */
export interface RealPuller extends AsyncDisposable {
  ask(wish: Ask & { readonly image: string }): Promise<Answer>;
  /** "Normal Pulled: …" in order, since the last time it was asked. They arrive a little later than answers. */
  events(): string[];
  /** Gives the pods' namespace a Secret with a password for a registry. */
  addSecret(name: string, login: Login): void;
  /** Lets so much time pass at once for waits between two tries. */
  skip(ms: number): void;
}

export interface Login {
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

export async function startRealPuller(
  { endpoint }: Pick<TestContainerd, "endpoint">,
  env: Record<string, string> = {},
): Promise<RealPuller> {
  await using opened = new AsyncDisposableStack();
  let skippedMs = 0;
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + skippedMs,
    monotonic: () => systemClock.monotonic() + skippedMs,
  };
  const hub = createMemoryBus({ clock: systemClock });
  const { secrets, take } = opened.use(await startFakeNodeApi(hub));
  const stateDir = await mkdtemp(join(tmpdir(), "podbus-image-puller-"));
  opened.defer(() => rm(stateDir, { recursive: true, force: true }));
  const tracer = trace.getTracer("image-puller");
  const log = createLogger({ service: "image-puller", level: "silent" });
  const config = imagePullerConfig.parse({
    PODBUS_NODE_NAME: node,
    PODBUS_CRI_ENDPOINT: endpoint,
    PODBUS_STATE_DIR: stateDir,
    PODBUS_REGISTRY_PULL_QPS: "0",
    ...env,
  });
  const bus = opened.use(hub.bus("image-puller", { tracer }));
  opened.use(await startImagePuller({ bus, clock, log, tracer }, config));
  const client = opened.use(hub.bus("pod-lifecycle")).client(ImagePuller, { node });
  const rest = opened.move();
  return {
    ask: ({ uid = "u-1", ...wish }) => {
      const pod = { namespace: "shop", name: "web", uid };
      const request = { pod, containerName: "main", pullPolicy: "IfNotPresent", ...wish };
      return answerOf(client.ensureImage(request, { timeoutMs: 50_000 }));
    },
    events: take,
    addSecret: (name, { host, username, password }) => {
      const auths = { [host]: { username, password } };
      const data = { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") };
      const metadata = { namespace: "shop", name, uid: `uid-${name}` };
      secrets.set(name, { metadata, type: "kubernetes.io/dockerconfigjson", data });
    },
    skip: (ms) => {
      skippedMs += ms;
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}
