import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { eventually, freePort } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Streams between kubectl and real containers: today's kubectl (WebSocket) and Debian 12's own, 1.20 (SPDY). */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let directory: string;

const served = "hello from inside";
const page = ["sh", "-c", `mkdir /www && echo ${served} > /www/index.html && httpd -f -h /www -p 8080`];

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  directory = await mkdtemp(join(tmpdir(), "podbus-streams-"));
  await podbus.apply(pod("web", { command: page, ports: [{ containerPort: 8080 }] }));
  // Says every line again, and stays.
  await podbus.apply(pod("echo", { command: ["sh", "-c", "echo ready; cat; sleep 3600"], stdin: true }));
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/web", "pod/echo");
}, 180_000);

afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  if (directory) await rm(directory, { recursive: true, force: true });
}, 120_000);

function pod(name: string, container: object): object {
  const spec = {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "main", image: registry.busybox, ...container }],
  };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { name } }, spec };
}

describe.each(["kubectl", "kubectl-1.20"])("%s", (program) => {
  const kubectl = (...args: string[]) => podbus.kubectlWith({ program }, ...args);

  it("exec: output, errors and the exit code", async () => {
    const script = "echo out; echo err >&2; exit 3";
    const { code, stdout, stderr } = await kubectl("exec", "web", "--", "sh", "-c", script);
    expect([code, stdout]).toEqual([3, "out\n"]);
    expect(stderr).toMatch(/^err\ncommand terminated with exit code 3\n/);
  });

  it("exec -i: the end of the input reaches the command, and 20 MB arrive whole", async () => {
    const { file, sum } = await randomFile(20);
    const options = { program, input: { file }, timeoutMs: 120_000 };
    const { stdout } = await podbus.kubectlWith(options, "exec", "-i", "web", "--", "sha256sum");
    expect(stdout).toBe(`${sum}  -\n`);
  }, 150_000);

  it("exec: much output reaches a slow reader whole", async () => {
    const { stdout } = await kubectl("exec", "web", "--", "sh", "-c", "head -c 30000000 /dev/zero | tr '\\0' x");
    expect(stdout.length).toBe(30_000_000);
  });

  it("exec -it: a terminal of the right kind", async () => {
    const command = `${requireBinary(program)} --kubeconfig ${podbus.kubeconfig} exec -it web -- sh -c 'test -t 0 && stty size && echo tty'`;
    // script(1) gives kubectl a terminal of its own.
    const { stdout } = await runShell(`stty rows 40 cols 100; script -qec "${command}" /dev/null`, "");
    expect(stdout).toMatch(/tty\r?\n/);
  });

  it("cp: a file there and back", async () => {
    const there = join(directory, `${program}.bin`);
    await writeFile(there, randomBytes(3_000_000));
    expect((await kubectl("cp", there, `web:/tmp/${program}.bin`)).code).toBe(0);
    expect((await kubectl("cp", `web:/tmp/${program}.bin`, `${there}.back`)).code).toBe(0);
    expect(hashOf(await readFile(`${there}.back`))).toBe(hashOf(await readFile(there)));
  });

  it("logs, with follow", async () => {
    expect((await kubectl("logs", "echo", "--tail=1000")).stdout).toMatch(/^ready\n/);
  });

  it("attach -i: what is written comes back from the container's own process", async () => {
    const child = spawnKubectl(program, "attach", "-i", "echo");
    const line = `line of ${program}`;
    child.stdin?.write(`${line}\n`);
    await untilSays(child, line);
    await end(child);
  });

  it("port-forward: several connections at once, and one that is refused", async () => {
    const [local, closed] = [await freePort(), await freePort()];
    const child = spawnKubectl(program, "port-forward", "web", `${local}:8080`, `${closed}:81`);
    await untilSays(child, `127.0.0.1:${closed}`);
    const bodies = await Promise.all(Array.from({ length: 5 }, () => body(`http://127.0.0.1:${local}/`)));
    expect(bodies).toEqual(Array.from({ length: 5 }, () => `${served}\n`));
    await expect(body(`http://127.0.0.1:${closed}/`)).rejects.toThrow();
    await untilSays(child, "connection refused");
    await end(child);
  });

  it.each([
    ["no such pod", ["exec", "gone", "--", "ls"], /pods "gone" not found/],
    ["no such container", ["exec", "web", "-c", "side", "--", "ls"], /container side is not valid for pod web/],
    ["no such command", ["exec", "web", "--", "/nowhere"], /\/nowhere/],
  ])("%s is said so", async (_name, args, message) => {
    const { code, stderr } = await kubectl(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});

describe("run", () => {
  it("-i --rm: a pod for one command, with its input", async () => {
    const args = ["run", "once", "-i", "--rm", "--restart=Never", `--image=${registry.busybox}`, "--", "cat"];
    const { stdout } = await podbus.kubectlWith({ input: "a word\n" }, ...args);
    expect(stdout).toContain("a word\n");
    expect((await podbus.kubectl("get", "pod", "once")).stderr).toContain('pods "once" not found');
  });
});

describe("proxy", () => {
  let api: ApiClient;
  beforeAll(async () => {
    api = await ApiClient.fromKubeconfig(podbus.kubeconfig);
    const uid = (await podbus.kubectlOk("get", "pod", "web", "-o", "jsonpath={.metadata.uid} {.status.podIP}")).split(
      " ",
    );
    const targetRef = { kind: "Pod", name: "web", namespace: "default", uid: uid[0] };
    await podbus.apply({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "site" },
      spec: { ports: [{ name: "http", port: 80 }] },
    });
    const subsets = [{ addresses: [{ ip: uid[1], targetRef }], ports: [{ name: "http", port: 8080 }] }];
    await podbus.apply({ apiVersion: "v1", kind: "Endpoints", metadata: { name: "site" }, subsets });
  });
  afterAll(() => api?.[Symbol.dispose]());

  const text = async (path: string) => {
    const response = await api.open("GET", path);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { code: response.statusCode, text: Buffer.concat(chunks).toString(), headers: response.headers };
  };
  const inNamespace = "/api/v1/namespaces/default";

  it.each([
    ["a pod's first port", `${inNamespace}/pods/web/proxy/`],
    ["a pod's port by number", `${inNamespace}/pods/web:8080/proxy/index.html`],
    ["a service", `${inNamespace}/services/site/proxy/`],
    ["a service's port by name", `${inNamespace}/services/site:http/proxy/`],
  ])("%s", async (_name, path) => {
    expect(await text(path)).toMatchObject({ code: 200, text: `${served}\n` });
  });

  it("a path without its slash leads to the one with it", async () => {
    const answer = await text(`${inNamespace}/pods/web/proxy`);
    expect([answer.code, answer.headers.location]).toEqual([301, `${inNamespace}/pods/web/proxy/`]);
  });

  it.each([
    ["a port that nobody listens on", `${inNamespace}/pods/web:81/proxy/`, 503, /connection refused/],
    ["a service that there is not", `${inNamespace}/services/gone/proxy/`, 404, /services "gone" not found/],
    ["a port of a service that there is not", `${inNamespace}/services/site:x/proxy/`, 503, /no endpoints available/],
    ["a node without a port", "/api/v1/nodes/node-1/proxy/healthz", 400, /name a port of the node/],
  ])("%s", async (_name, path, code, message) => {
    const answer = await api.call("GET", path);
    expect(answer.code).toBe(code);
    expect(answer.body.message).toMatch(message);
  });
});

async function randomFile(megabytes: number) {
  const file = join(directory, `${megabytes}.bin`);
  const handle = await open(file, "w");
  const hash = createHash("sha256");
  const piece = randomBytes(1_000_000);
  for (let written = 0; written < megabytes; written++) {
    piece.writeUInt32BE(written);
    hash.update(piece);
    await handle.write(piece);
  }
  await handle.close();
  return { file, sum: hash.digest("hex") };
}

const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function runShell(line: string, input: string): Promise<{ stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn("sh", ["-c", line], { stdio: ["pipe", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stdin.end(input);
    child.on("close", () => resolve({ stdout }));
  });
}

function spawnKubectl(program: string, ...args: string[]): ChildProcess & { said?: string } {
  const child: ChildProcess & { said?: string } = spawn(requireBinary(program), [
    "--kubeconfig",
    podbus.kubeconfig,
    ...args,
  ]);
  child.said = "";
  const listen = (chunk: Buffer) => {
    child.said += chunk.toString();
  };
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  return child;
}

const untilSays = (child: { said?: string }, text: string) =>
  eventually(() => child.said?.includes(text) === true, { timeoutMs: 20_000, message: `${text} in: ${child.said}` });

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGINT");
  await exit;
}

function body(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = get(url, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    call.on("error", reject);
  });
}
