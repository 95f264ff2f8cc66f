import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type CommandResult, freshOptions, PodbusProcess, run } from "../../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../../support/registry.ts";
import { expectationOf, normalize } from "./expectation.ts";

/**
 * What a person types and reads. Each file is a conversation with the real kubectl in a namespace of its own, its expectations
 * written from what Kubernetes documents and kubectl prints for a Kubernetes server.
 */
const step = z.strictObject({
  /** A line for the shell. */
  run: z.string(),
  stdin: z.string().optional(),
  code: z.number().default(0),
  /** All of standard output; without `out` and `has` there must be none. */
  out: z.string().optional(),
  /** Lines that must be among those of standard output, in this order. */
  has: z.array(z.string()).optional(),
  err: z.string().optional(),
  errHas: z.array(z.string()).optional(),
  /** Tried again until it is so: for what other services do in their own time. */
  eventually: z.literal(true).optional(),
});
type Step = z.output<typeof step>;

const conversations = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => ({
    name: file.replace(".yaml", ""),
    steps: z.array(step).parse(parse(readFileSync(join(import.meta.dirname, file), "utf8"))),
  }));

let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let home: string;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  home = await mkdtemp(join(tmpdir(), "podbus-kubectl-"));
}, 120_000);

afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  if (home) await rm(home, { recursive: true, force: true });
}, 120_000);

it("there are at least 120 commands", () => {
  expect(conversations.reduce((sum, { steps }) => sum + steps.length, 0)).toBeGreaterThanOrEqual(120);
});

describe.each(conversations)("$name", ({ name, steps }) => {
  let kubeconfig: string;

  beforeAll(async () => {
    kubeconfig = join(home, `${name}.kubeconfig`);
    await copyFile(podbus.kubeconfig, kubeconfig);
    await podbus.kubectlOk("create", "namespace", name);
    const inNamespace = step.parse({ run: `kubectl config set-context --current --namespace=${name}` });
    const set = await perform(inNamespace, kubeconfig);
    expect(set.code, set.stderr).toBe(0);
  });

  it.each(steps.map((each, index) => ({ ...each, title: `${index + 1}: ${each.run}` })))("$title", async (each) => {
    const attempt = async () => check(each, await perform(each, kubeconfig));
    if (each.eventually) await eventuallyPasses(attempt, { timeoutMs: 30_000, intervalMs: 200 });
    else await attempt();
  });
});

function perform({ run: line, stdin = "" }: Step, kubeconfig: string): Promise<CommandResult> {
  const path = `${dirname(requireBinary("kubectl"))}:${process.env.PATH}`;
  const environment = [`PATH=${path}`, `KUBECONFIG=${kubeconfig}`, `HOME=${home}`, `BUSYBOX=${registry.busybox}`];
  return run("env", [...environment, "sh", "-c", line], { input: stdin });
}

function check({ code, out, has, err, errHas }: Step, result: CommandResult): void {
  const said = `stdout:\n${result.stdout}\nstderr:\n${result.stderr}`;
  expect(result.code, said).toBe(code);
  checkText(result.stdout, { whole: out, parts: has }, said);
  checkText(result.stderr, { whole: err, parts: errHas }, said);
}

interface Wanted {
  readonly whole: string | undefined;
  readonly parts: readonly string[] | undefined;
}

function checkText(text: string, { whole, parts }: Wanted, said: string): void {
  const seen = normalize(text);
  if (whole !== undefined || parts === undefined) expect(seen, said).toMatch(expectationOf(whole ?? ""));
  let lines = seen.split("\n");
  for (const part of parts ?? []) {
    const at = lines.findIndex((line) => expectationOf(part).test(line) || expectationOf(part).test(line.trim()));
    expect(at, `no line ${JSON.stringify(part)} in\n${said}`).toBeGreaterThanOrEqual(0);
    lines = lines.slice(at + 1);
  }
}
