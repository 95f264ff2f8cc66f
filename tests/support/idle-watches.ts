import { connect } from "node:http2";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { KubeAccess } from "podbus";
import type { ApiClient } from "./api-client.ts";

export interface WatchEvent {
  readonly type: string;
  // A test looks into whatever came.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly object: any;
}

export interface IdleWatch {
  readonly events: WatchEvent[];
  ended: boolean;
}

/** Streams that one HTTP/2 connection carries, as client-go does it. */
const streamsPerConnection = 100;

/** Many watches of one path, each of which is left alone once it is open. */
export class IdleWatches {
  readonly watches: IdleWatch[] = [];
  readonly #closing: (() => void)[] = [];
  #left = false;

  /** Over HTTP/1.1: each on a connection of its own. */
  async openHttp1(api: ApiClient, path: string, count: number): Promise<void> {
    const stop = new AbortController();
    this.#closing.push(() => stop.abort());
    const open = async () => this.#follow(await api.open("GET", path, { signal: stop.signal }));
    // A hundred handshakes at once are enough for both ends.
    for (let left = count; left > 0; left -= 100) await Promise.all(Array.from({ length: Math.min(left, 100) }, open));
  }

  async openHttp2(access: KubeAccess, path: string, count: number): Promise<void> {
    for (let left = count; left > 0; left -= streamsPerConnection) {
      const { apiUrl, ca, cert, key } = access;
      const session = connect(apiUrl, { ca, cert, key });
      session.on("error", () => undefined);
      this.#closing.push(() => session.destroy());
      const open = () =>
        new Promise<void>((resolve, reject) => {
          const stream = session.request({ ":path": path });
          stream.once("response", () => resolve(this.#follow(stream)));
          stream.once("error", reject);
        });
      await Promise.all(Array.from({ length: Math.min(left, streamsPerConnection) }, open));
    }
  }

  /** As a client that is killed. */
  leave(): void {
    this.#left = true;
    for (const close of this.#closing) close();
  }

  #follow(stream: Readable): void {
    const watch: IdleWatch = { events: [], ended: false };
    this.watches.push(watch);
    stream.on("close", () => {
      watch.ended = true;
    });
    const lines = createInterface({ input: stream });
    // Both tell of the end that leave() brings.
    for (const each of [stream, lines]) each.on("error", () => undefined);
    // What comes last when it leaves may be half a line.
    lines.on("line", (line) => void (this.#left || watch.events.push(JSON.parse(line))));
  }
}
