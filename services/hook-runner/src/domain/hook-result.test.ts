import { describe, expect, it } from "vitest";
import { type HookAction, type HookOutcome, type HookResult, hookBudgetMs, judgeHook } from "./hook-result.ts";

const owner = { namespace: "shop", podName: "web", podUid: "u-1", containerName: "main" };
const exec: HookAction = { kind: "exec", command: ["sh", "-c", "exit 3"] };
const http: HookAction = { kind: "httpGet", host: "10.0.0.7", port: 80, path: "/warm", scheme: "http", headers: [] };
const tcp: HookAction = { kind: "tcpSocket", host: "fd00::7", port: 80 };
const exited = { kind: "exited", exitCode: 0, stdout: "", stderr: "" } as const;
const execFailed = 'Exec lifecycle hook ([sh -c exit 3]) for Container "main" in Pod "web_shop(u-1)" failed - error: ';
const httpFailed = 'HTTP lifecycle hook (/warm) for Container "main" in Pod "web_shop(u-1)" failed - error: ';
const good: HookResult = { succeeded: true, message: "", output: "", exitCode: 0 };

describe("judgeHook", () => {
  const table: [string, HookAction, HookOutcome, HookResult][] = [
    ["exit code 0 is a success", exec, exited, good],
    ["a success keeps what was printed", exec, { ...exited, stdout: "warm\n" }, { ...good, output: "warm\n" }],
    [
      "another exit code is a failure with what was printed",
      exec,
      { ...exited, exitCode: 3, stdout: "out", stderr: 'no "file"\n' },
      {
        succeeded: false,
        exitCode: 3,
        output: 'outno "file"\n',
        message: `${execFailed}command 'sh -c exit 3' exited with 3: no "file"\n, message: "outno \\"file\\"\\n"`,
      },
    ],
    [
      "a command that does not end in time is a failure",
      exec,
      { kind: "timed-out" },
      { ...good, succeeded: false, message: `${execFailed}command "sh -c exit 3" timed out, message: ""` },
    ],
    [
      "a command that cannot be started is a failure",
      exec,
      { kind: "failed", error: "executable file not found in $PATH" },
      { ...good, succeeded: false, message: `${execFailed}executable file not found in $PATH, message: ""` },
    ],
    ["status 200 is a success", http, { kind: "answered", status: 200, body: "hello" }, good],
    ["status 399 is a success", http, { kind: "answered", status: 399, body: "" }, good],
    [
      "status 400 is a failure",
      http,
      { kind: "answered", status: 400, body: "bad" },
      { ...good, succeeded: false, message: `${httpFailed}HTTP hook failed with statuscode: 400` },
    ],
    [
      "no connection is a failure",
      http,
      { kind: "failed", error: 'Get "http://10.0.0.7:80/warm": dial tcp 10.0.0.7:80: connect: connection refused' },
      {
        ...good,
        succeeded: false,
        message: `${httpFailed}Get "http://10.0.0.7:80/warm": dial tcp 10.0.0.7:80: connect: connection refused`,
      },
    ],
    ["an open connection is a success", tcp, { kind: "connected" }, good],
    [
      "a connection that was refused is a failure",
      tcp,
      { kind: "failed", error: "dial tcp [fd00::7]:80: connect: connection refused" },
      {
        ...good,
        succeeded: false,
        message:
          'TCP lifecycle hook ([fd00::7]:80) for Container "main" in Pod "web_shop(u-1)" failed - error: ' +
          "dial tcp [fd00::7]:80: connect: connection refused",
      },
    ],
  ];
  it.each(table)("%s", (_sentence, action, outcome, expected) => {
    expect(judgeHook(owner, action, outcome)).toEqual(expected);
  });
});

it("bounds what a command printed: 10 KiB of it in the answer, 1 KiB in the message", () => {
  const outcome = { ...exited, exitCode: 1, stdout: "x".repeat(20_000) };
  const { message, output } = judgeHook(owner, exec, outcome);
  expect(output).toHaveLength(10_240);
  expect(message).toBe(`${execFailed}command 'sh -c exit 3' exited with 1: , message: "${"x".repeat(1_024)}"`);
});

it("leaves room in an event for exit code and output, however long the script and its complaints are", () => {
  const script: HookAction = { kind: "exec", command: ["sh", "-c", "s".repeat(5_000)] };
  const outcome = { ...exited, exitCode: 3, stdout: "the output", stderr: "e".repeat(5_000) };
  const { message } = judgeHook(owner, script, outcome);
  const short = `sh -c ${"s".repeat(122)}…`;
  const event = message.slice(0, 1_024);
  expect(event).toContain(
    `Exec lifecycle hook ([${short}]) for Container "main" in Pod "web_shop(u-1)" failed - ` +
      `error: command '${short}' exited with 3: ${"e".repeat(256)}…, message: "the output`,
  );
});

describe("hookBudgetMs leaves time for the answer", () => {
  it.each([
    [30_000, 29_800],
    [1_000, 900],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])("%d ms → %d ms", (remaining, budget) => {
    expect(hookBudgetMs(remaining)).toBe(budget);
  });
});
