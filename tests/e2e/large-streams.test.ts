import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { requireBinary } from "@podbus/binaries";
import { systemClock } from "@podbus/clock";
import { eventually, freePort } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryWatch } from "../support/memory-watch.ts";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { processStartedAs } from "../support/processes.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/**
 * Much through every stream between kubectl and a real container: all of it arrives as it was sent, one who stops reading
 * stops the one who writes, and it all the while waits in nobody's memory.
 */
const mib = 1024 * 1024;
const pieceBytes = 16 * mib;
const aGib = 64;
/** Of exec, both ways and with both clients: some 40 MB/s pass on two processors, so a GiB of each would take minutes. */
const anEighth = 8;
/** Where a reader stops for a while. */
const pauseAtBytes = 4 * pieceBytes;
/** Lies in pipes, sockets, kubectl and our windows when everybody waits. */
const mostUnderWayBytes = 48 * mib;
/** Above what each process had after it had carried every stream once. Measured: up to 48 MiB. */
const mostGrownMib = 100;

let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let directory: string;
let bytes: Piece;
let lines: Piece;

interface Piece {
  /** In the containers; no other process on this machine is told to print it. */
  readonly path: string;
  readonly data: Buffer;
}

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  directory = await mkdtemp(join(tmpdir(), "podbus-large-streams-"));
  bytes = await writePiece("bytes", randomBytes(pieceBytes));
  lines = await writePiece("lines", numberedLines());
  // The log is put aside once while it is followed, and all of it is kept, however late its reader comes to it.
  const env = { PODBUS_CONTAINER_LOG_MAX_SIZE: "600Mi", PODBUS_CONTAINER_LOG_MONITOR_INTERVAL: "1s" };
  podbus = await PodbusProcess.start({ ...(await freshOptions([registry.host])), env });
  await podbus.apply(pod("main", `nc -ll -p 8080 -e ${print(bytes, aGib)} & nc -ll -p 8081 -e ${print(bytes, 3)}`));
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/main");
  await warmUp();
}, 180_000);

afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  if (directory) await rm(directory, { recursive: true, force: true });
}, 120_000);

async function writePiece(name: string, data: Buffer): Promise<Piece> {
  const path = join(directory, name);
  await writeFile(path, data);
  return { path, data };
}

/** What so many repetitions are. */
function whole({ data }: Piece, times: number): Received {
  const hash = createHash("sha256");
  for (let count = 0; count < times; count += 1) hash.update(data);
  return { bytes: times * data.length, digest: hash.digest("hex") };
}

interface Received {
  readonly bytes: number;
  readonly digest: string;
}

/** Long ones: how many lines a log has costs more than how long they are. */
function numberedLines(): Buffer {
  const lineBytes = 4 * 1024;
  const line = (_: unknown, index: number) => `${`line ${index} `.padEnd(lineBytes - 1, "0123456789abcdef")}\n`;
  return Buffer.from(Array.from({ length: pieceBytes / lineBytes }, line).join(""));
}

const print = ({ path }: Piece, times: number) => `cat ${Array(times).fill(path).join(" ")}`;

function pod(name: string, script: string): object {
  const volumes = [{ name: "data", hostPath: { path: directory, type: "Directory" } }];
  const container = { name: "main", image: registry.busybox, command: ["sh", "-c", script] };
  const volumeMounts = [{ name: "data", mountPath: directory, readOnly: true }];
  const spec = { restartPolicy: "Never", terminationGracePeriodSeconds: 0, volumes };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { ...spec, containers: [{ ...container, volumeMounts }] },
  };
}

/** Memory that is used once for each way is used again by those after it. */
async function warmUp(): Promise<void> {
  await podbus.apply(pod("small", print(lines, 3)));
  await podbus.kubectlOk("wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s", "pod/small");
  await receive(start("kubectl", "logs", "-f", "small").stdout);
  for (const program of ["kubectl", "kubectl-1.20"]) {
    await receive(start(program, "exec", "main", "--", ...print(bytes, 3).split(" ")).stdout);
    const sum = start(program, "exec", "-i", "main", "--", "sha256sum", "-");
    await send(sum.stdin, 3);
    await once(sum, "close");
  }
  await throughPort(8081, (socket) => receive(socket));
}

describe("logs", () => {
  it("of a GiB, followed while they are written and put aside, wait for their reader", async () => {
    await podbus.apply(pod("talker", print(lines, aGib)));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/talker");
    using memory = new MemoryWatch(podbus);
    // The log is a file, so its writer goes on; what must stop is podbus' reading of it.
    const readByPodbus = () => ioOf(podbus.pid).read;
    const stop = () => standstill(readByPodbus);
    const received = await receive(start("kubectl", "logs", "-f", "talker").stdout, stop);
    expect(received).toEqual(whole(lines, aGib));
    expectBounded(memory);
    await podbus.kubectlOk("delete", "pod", "talker");
  }, 300_000);
});

describe.each(["kubectl", "kubectl-1.20"])("exec with %s", (program) => {
  it("128 MiB of output waits for its reader", async () => {
    using memory = new MemoryWatch(podbus);
    const child = start(program, "exec", "main", "--", ...print(bytes, anEighth).split(" "));
    const received = await receive(child.stdout, expectStopped);
    expect(received).toEqual(whole(bytes, anEighth));
    expectBounded(memory);
  }, 300_000);

  it("128 MiB of input waits for its reader, for longer than any call may take", async () => {
    using memory = new MemoryWatch(podbus);
    const child = start(program, "exec", "-i", "main", "--", "sha256sum", "-");
    const output = textOf(child.stdout);
    await send(child.stdin, anEighth, async (written) => {
      const reader = processStartedAs("sha256sum -");
      process.kill(reader, "SIGSTOP");
      expect(await standstill(written)).toBeLessThan(pauseAtBytes + mostUnderWayBytes);
      // With the seconds until then more than the 10 s that a call on the bus may take by default.
      await systemClock.sleep(8_000);
      process.kill(reader, "SIGCONT");
    });
    expect(await output).toBe(`${whole(bytes, anEighth).digest}  -\n`);
    expectBounded(memory);
  }, 300_000);
});

describe("port-forward", () => {
  it("a GiB from a server in the container waits for its reader", async () => {
    using memory = new MemoryWatch(podbus);
    const received = await throughPort(8080, (socket) => receive(socket, expectStopped));
    expect(received).toEqual(whole(bytes, aGib));
    expectBounded(memory);
  }, 300_000);
});

function expectBounded(memory: MemoryWatch): void {
  const grown = memory.mostGrown();
  for (const [name, most] of Object.entries(grown)) expect(most, `growth of ${name} in MiB`).toBeLessThan(mostGrownMib);
}

/** Who prints into a stream that is read no more waits, soon after what has been read so far. */
async function expectStopped(readBytes: number): Promise<void> {
  const writer = processStartedAs(`cat ${bytes.path}`);
  expect((await standstill(() => ioOf(writer).written)) - readBytes).toBeLessThan(mostUnderWayBytes);
}

/** Waits until a counter of bytes stands still for seconds; what it says then. */
async function standstill(counter: () => number): Promise<number> {
  let before = counter();
  return eventually(
    async () => {
      await systemClock.sleep(2_000);
      const [from, to] = [before, counter()];
      before = to;
      return to - from <= noiseBytes && to;
    },
    { timeoutMs: 60_000, message: "the other end goes on" },
  );
}

/** Heartbeats and what else podbus does meanwhile. */
const noiseBytes = mib;

/** What a process has read and written so far, be it files, pipes or sockets. */
function ioOf(pid: number): { readonly read: number; readonly written: number } {
  const text = readFileSync(`/proc/${pid}/io`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(text)?.[1]);
  return { read: field("rchar"), written: field("wchar") };
}

/** Reads to the end; stops once, at `pauseAtBytes`, for as long as `pause` takes. */
async function receive(stream: Readable, pause?: (bytes: number) => Promise<unknown>): Promise<Received> {
  const hash = createHash("sha256");
  let count = 0;
  let paused = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    count += chunk.length;
    if (paused || count < pauseAtBytes) continue;
    paused = true;
    await pause?.(count);
  }
  return { bytes: count, digest: hash.digest("hex") };
}

/** Writes so many repetitions; from `pauseAtBytes` on `pause` runs beside it, and may ask how many bytes were taken. */
async function send(stream: Writable, times: number, pause?: (taken: () => number) => Promise<void>): Promise<void> {
  const chunkBytes = 64 * 1024;
  let taken = 0;
  let pausing: Promise<void> | undefined;
  for (let count = 0; count < times; count += 1) {
    if (count * pieceBytes === pauseAtBytes) pausing = pause?.(() => taken);
    for (let at = 0; at < pieceBytes; at += chunkBytes) {
      await new Promise((resolve) => stream.write(bytes.data.subarray(at, at + chunkBytes), resolve));
      taken += chunkBytes;
    }
  }
  stream.end();
  await pausing;
}

function start(program: string, ...args: string[]): ChildProcess & { stdin: Writable; stdout: Readable } {
  const child = spawn(requireBinary(program), ["--kubeconfig", podbus.kubeconfig, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  // One that ends early does not read its input: what it printed tells.
  child.stdin.on("error", () => undefined);
  return child;
}

async function textOf(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

/** Opens a connection through kubectl to a port in the container. */
async function throughPort<T>(port: number, use: (socket: Socket) => Promise<T>): Promise<T> {
  const local = await freePort();
  const child = start("kubectl", "port-forward", "main", `${local}:${port}`);
  try {
    await once(child.stdout, "data");
    const socket = connect(local, "127.0.0.1");
    return await use(socket);
  } finally {
    const exit = once(child, "exit");
    child.kill("SIGINT");
    await exit;
  }
}
