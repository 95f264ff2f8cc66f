import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { FakeClock } from "@podbus/clock";
import { type ExecSyncRequestSchema, ExecSyncResponseSchema } from "@podbus/contracts/cri";
import type { CriCallOptions } from "@podbus/cri";
import { PodbusError } from "@podbus/errors";
import { expect, it } from "vitest";
import { execInContainer } from "./exec-in-container.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function setUp(answer: () => Promise<MessageInitShape<typeof ExecSyncResponseSchema>>, timeoutMs = 1_500) {
  const clock = new FakeClock();
  const asked: { timeout: unknown; limitMs: number | undefined }[] = [];
  const execSync = async (request: MessageInitShape<typeof ExecSyncRequestSchema>, options?: CriCallOptions) => {
    asked.push({ timeout: request.timeout, limitMs: options?.timeoutMs });
    return create(ExecSyncResponseSchema, await answer());
  };
  const caller = new AbortController();
  const run = () =>
    execInContainer({ execSync }, { containerId: "c1", command: ["true"], timeoutMs, signal: caller.signal, clock });
  return { clock, asked, caller, run };
}

const never = () => new Promise<never>(() => {});

it("answers with exit code and output", async () => {
  const { run, asked } = setUp(async () => ({ exitCode: 3, stdout: bytes("out"), stderr: bytes("err") }));
  expect(await run()).toEqual({ kind: "exited", exitCode: 3, stdout: "out", stderr: "err" });
  expect(asked).toEqual([{ timeout: 2n, limitMs: 4_000 }]);
});

it("cuts the output at 10 KiB", async () => {
  const { run } = setUp(async () => ({ stdout: bytes("x".repeat(20_000)) }));
  expect(await run()).toMatchObject({ stdout: "x".repeat(10_240) });
});

it("ends at its own timeout although the runtime does not answer", async () => {
  const { clock, run } = setUp(never);
  const outcome = run();
  await clock.step(1_500);
  expect(await outcome).toEqual({ kind: "timed-out" });
});

it("takes the runtime's word that the time is over", async () => {
  const { run } = setUp(async () => {
    throw new PodbusError({ code: "DEADLINE_EXCEEDED", message: "timeout 2s exceeded" });
  });
  expect(await run()).toEqual({ kind: "timed-out" });
});

it("ends when the caller gives up", async () => {
  const { caller, clock, run } = setUp(never, Number.POSITIVE_INFINITY);
  const outcome = expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
  await clock.step(0);
  caller.abort();
  await outcome;
});

it("throws what the runtime failed with", async () => {
  const { run } = setUp(async () => {
    throw new PodbusError({ code: "NOT_FOUND", message: "no such container" });
  });
  await expect(run()).rejects.toMatchObject({ code: "NOT_FOUND" });
});
