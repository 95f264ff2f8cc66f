import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to the server that a test can disturb. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Drops what one side sends from now on, on existing connections and new ones. */
  swallow(side: "requests" | "replies" | "nothing"): void;
  /** Breaks all connections and refuses new ones until `restore`. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let swallowed: "requests" | "replies" | "nothing" = "nothing";
  let server: Server | undefined;
  const pipe = (from: Socket, to: Socket, side: "requests" | "replies") => {
    sockets.add(from);
    from.on("data", (data) => {
      if (swallowed !== side) to.write(data);
    });
    // Errors are what this proxy is for; "close" follows each.
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const listen = async (port: number) => {
    server = createServer((client) => {
      const upstream = connect(targetPort, "127.0.0.1");
      pipe(client, upstream, "requests");
      pipe(upstream, client, "replies");
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return address.port;
  };
  const cut = async () => {
    const closing = server;
    server = undefined;
    if (!closing) return;
    closing.close();
    for (const socket of sockets) socket.destroy();
    await once(closing, "close");
  };
  const port = await listen(0);
  return {
    port,
    cut,
    swallow: (side) => {
      swallowed = side;
    },
    restore: async () => {
      swallowed = "nothing";
      await listen(port);
    },
    [Symbol.asyncDispose]: cut,
  };
}
