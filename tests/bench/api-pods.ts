import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import type { KubeAccess } from "podbus";
import { ApiClient } from "../support/api-client.ts";

interface WatchedPod {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: object } }[];
  };
}

/** Commands of its containers, and volumes that each of these mounts. */
export interface PodShape {
  readonly init: readonly (readonly string[])[];
  readonly app: readonly (readonly string[])[];
  readonly volumes: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
}

/** As the first process of its container, sleep has no handler for TERM: it ends by KILL only. */
export const plainPod: PodShape = { init: [], app: [["sleep", "3600"]], volumes: [] };
/** Ends as soon as it gets TERM. */
export const heedingPod: PodShape = {
  init: [],
  app: [["sh", "-c", "trap 'exit 0' TERM; sleep 3600 & wait"]],
  volumes: [],
};

type WatchEvent = { readonly type: string; readonly object: WatchedPod };

const podsPath = "/api/v1/namespaces/default/pods";
const stuckAfterMs = 60_000;

/** Creates pods over the Kubernetes API and learns from one watch when they run and when they are gone. */
export class ApiPods implements AsyncDisposable {
  readonly #api: ApiClient;
  readonly #image: string;
  readonly #waiting = new Map<string, () => void>();
  #watch: IncomingMessage | undefined;
  #closed = false;

  private constructor(access: KubeAccess, image: string) {
    this.#api = new ApiClient(access);
    this.#image = image;
  }

  static async open(access: KubeAccess, image: string): Promise<ApiPods> {
    const pods = new ApiPods(access, image);
    await pods.#open("");
    return pods;
  }

  /** A watch ends after half an hour or more; the next one goes on where it was. */
  async #open(resourceVersion: string): Promise<void> {
    let seen = resourceVersion;
    this.#watch = await this.#api.open("GET", `${podsPath}?watch=true&resourceVersion=${seen}`);
    createInterface({ input: this.#watch })
      .on("line", (line) => {
        const event: WatchEvent = JSON.parse(line);
        seen = event.object.metadata.resourceVersion;
        this.#observe(event);
      })
      .on("close", () => {
        if (!this.#closed) void this.#open(seen);
      });
  }

  /** Resolves when the watch has shown the pod Running. */
  async start(name: string, shape = plainPod): Promise<void> {
    const running = this.#until(`running ${name}`);
    await this.create(name, shape);
    await running;
  }

  async create(name: string, shape = plainPod): Promise<void> {
    await this.#api.must("POST", podsPath, { body: this.#pod(name, shape) });
  }

  /** Resolves when the watch has shown that the object is gone. */
  async remove(name: string, graceSeconds = 1): Promise<void> {
    const gone = this.#until(`gone ${name}`);
    await this.#api.must("DELETE", `${podsPath}/${name}?gracePeriodSeconds=${graceSeconds}`);
    await gone;
  }

  async removeEvents(): Promise<void> {
    await this.#api.must("DELETE", "/api/v1/namespaces/default/events");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#watch?.destroy();
    this.#api[Symbol.dispose]();
  }

  #pod(name: string, { init, app, volumes }: PodShape): object {
    const container = (kind: string) => (command: readonly string[], at: number) => ({
      name: `${kind}-${at}`,
      image: this.#image,
      imagePullPolicy: "IfNotPresent",
      command,
      volumeMounts: volumes.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` })),
    });
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 0,
        initContainers: init.map(container("init")),
        containers: app.map(container("app")),
        volumes,
      },
    };
  }

  #observe({ type, object }: WatchEvent): void {
    const { name } = object.metadata;
    if (type === "DELETED") this.#happened(`gone ${name}`);
    else if (isRunning(object)) this.#happened(`running ${name}`);
  }

  #happened(what: string): void {
    this.#waiting.get(what)?.();
    this.#waiting.delete(what);
  }

  #until(what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const stuck = setTimeout(() => reject(new Error(`${what}: not seen within ${stuckAfterMs} ms`)), stuckAfterMs);
      this.#waiting.set(what, () => {
        clearTimeout(stuck);
        resolve();
      });
    });
  }
}

function isRunning({ status }: WatchedPod): boolean {
  return status?.phase === "Running" && status.containerStatuses?.every(({ state }) => state?.running) === true;
}
