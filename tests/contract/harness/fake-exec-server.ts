import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** The runtime's streaming server, v4.channel.k8s.io. What a command does is said by its name. */
export interface FakeExecServer extends AsyncDisposable {
  readonly url: string;
  /** What "cat" was given, piece by piece. */
  readonly stdin: string[];
  readonly resizes: unknown[];
  /** How many are open. */
  readonly sessions: number;
}

/** `command`: what the newest session runs. "hello" prints and ends well, "fail" ends with 3, "cat" reads until it is left. */
export async function startExecServer(command: () => string): Promise<FakeExecServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => "v4.channel.k8s.io" });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stdin: string[] = [];
  const resizes: unknown[] = [];
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const body = data.subarray(1).toString();
      if (data[0] === channel.stdin) stdin.push(body);
      if (data[0] === channel.resize) resizes.push(JSON.parse(body));
    });
    run(socket, command());
  });
  return {
    url: `http://127.0.0.1:${port}/exec`,
    stdin,
    resizes,
    get sessions() {
      return server.clients.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

function run(socket: WebSocket, command: string): void {
  const send = (to: number, text: string) => socket.send(Buffer.concat([Buffer.from([to]), Buffer.from(text)]));
  if (command === "hello") {
    send(channel.stdout, "hello\n");
    send(channel.error, JSON.stringify({ status: "Success" }));
    socket.close();
  }
  if (command === "fail") {
    send(channel.stderr, "no such file\n");
    const causes = [{ reason: "ExitCode", message: "3" }];
    send(channel.error, JSON.stringify({ status: "Failure", reason: "NonZeroExitCode", details: { causes } }));
    socket.close();
  }
}
