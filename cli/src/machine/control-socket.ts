import { mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";

/** What a running podbus tells over its control socket. */
export interface RunningInstance {
  readonly pid: number;
  readonly startedAt: string;
  readonly stateDir: string;
  readonly nodeName: string;
  readonly apiUrl: string;
  readonly natsUrl: string;
}

/**
 * The control socket is the lock on a state directory: who listens owns it, and the kernel gives it up
 * with the process, however that ends.
 */
export async function holdControlSocket(
  path: string,
  instance: RunningInstance,
  onStop: () => void,
): Promise<AsyncDisposable> {
  const other = await askInstance(path);
  if (other) throw new InstanceRunsError(other);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  const server = createServer((socket) => answer(socket, instance, onStop));
  await listen(server, path);
  return { [Symbol.asyncDispose]: () => closed(server) };
}

export class InstanceRunsError extends Error {
  override readonly name = "InstanceRunsError";
  readonly instance: RunningInstance;

  constructor(instance: RunningInstance) {
    super(
      `podbus already runs on ${instance.stateDir} (pid ${instance.pid}, since ${instance.startedAt}). ` +
        'Stop it with "podbus down", or choose another --state-dir.',
    );
    this.instance = instance;
  }
}

/** The instance that listens on the socket, or undefined if none does. */
export async function askInstance(path: string): Promise<RunningInstance | undefined> {
  const reply = await request(path, "who\n");
  return reply === undefined ? undefined : (JSON.parse(reply) as RunningInstance);
}

/** Asks the instance to stop; resolves when its process has closed the connection, which is when it has stopped. */
export async function stopInstance(path: string): Promise<RunningInstance | undefined> {
  const reply = await request(path, "stop\n");
  return reply === undefined ? undefined : (JSON.parse(reply) as RunningInstance);
}

/** Writes one line and reads until the other side closes; undefined if nobody listens. */
function request(path: string, line: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let reply = "";
    const socket = connect(path);
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(line));
    socket.on("data", (chunk: string) => {
      reply += chunk;
    });
    socket.on("close", () => resolve(reply === "" ? undefined : reply));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(undefined);
      else if (error.code === "ECONNRESET") resolve(reply === "" ? undefined : reply);
      else reject(error);
    });
  });
}

function answer(socket: Socket, instance: RunningInstance, onStop: () => void): void {
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.once("data", (line: string) => {
    const told = `${JSON.stringify(instance)}\n`;
    if (line !== "stop\n") return void socket.end(told);
    // Left open: the end of this process closes it, and that is what "podbus down" waits for.
    socket.write(told);
    onStop();
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Connections of a waiting "podbus down" stay open until the process ends; do not wait for them here.
    server.unref();
    resolve();
  });
}
