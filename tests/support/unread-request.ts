import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { eventually } from "@podbus/testkit";
import type { KubeAccess } from "podbus";

/** A GET whose answer nobody reads until it is asked for: the connection's buffers fill, and then the server's. */
export class UnreadRequest implements Disposable {
  readonly #socket: TLSSocket;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
  }

  static async open({ apiUrl, ca, cert, key }: KubeAccess, path: string): Promise<UnreadRequest> {
    const { hostname, port, host } = new URL(apiUrl);
    const socket = connect({ host: hostname, port: Number(port), ca, cert, key, ALPNProtocols: ["http/1.1"] });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return new UnreadRequest(socket);
  }

  /** Reads what has been sent, up to the end of the connection; fails if that does not come. */
  async readToEnd(timeoutMs: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let ended = false;
    this.#socket.on("data", (chunk) => chunks.push(chunk));
    this.#socket.on("close", () => {
      ended = true;
    });
    this.#socket.resume();
    await eventually(() => ended, { timeoutMs, message: "the server did not end the connection" });
    return Buffer.concat(chunks);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
