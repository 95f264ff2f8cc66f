import { once } from "node:events";
import { eventually } from "@podbus/testkit";

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** What `node` needs in its environment to be inspected at this port, once it is asked to. */
export const inspectableAt = (port: number) => ({ NODE_OPTIONS: `--inspect-port=127.0.0.1:${port}` });

/** Another Node process, over the Chrome DevTools protocol (https://nodejs.org/api/inspector.html). */
export class InspectedProcess implements Disposable {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#answered(JSON.parse(String(data))));
    socket.addEventListener("close", () => {
      for (const { reject } of this.#asked.values()) reject(new Error("the inspected process is gone"));
    });
  }

  /** It must have been started with `inspectableAt`. SIGUSR1 opens the port, for as long as the process lives. */
  static async open(pid: number, port: number): Promise<InspectedProcess> {
    process.kill(pid, "SIGUSR1");
    const targets = (await eventually(async () => (await fetch(`http://127.0.0.1:${port}/json/list`)).json())) as {
      readonly webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "");
    await once(socket, "open");
    return new InspectedProcess(socket);
  }

  /** Megabytes (2^20) in use after a collection: what is kept, in JavaScript objects and in the buffers that they hold. */
  async keptMib(): Promise<number> {
    // What the first one found dead may have held what only the second one finds (finalizers, weak references).
    await this.ask("HeapProfiler.collectGarbage");
    await this.ask("HeapProfiler.collectGarbage");
    const usage = (await this.ask("Runtime.getHeapUsage")) as { usedSize: number; backingStorageSize?: number };
    return (usage.usedSize + (usage.backingStorageSize ?? 0)) / 2 ** 20;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#asked.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  #answered({ id, result, error }: Answer): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  }
}
