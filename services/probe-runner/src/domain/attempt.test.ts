import type { CheckedAction } from "@podbus/actions";
import { describe, expect, it } from "vitest";
import { type AttemptOutcome, askedText, attemptMessage, judgeAttempt } from "./attempt.ts";

const exec: CheckedAction = { kind: "exec", command: ["cat", "/ready"] };
const http: CheckedAction = { kind: "httpGet", host: "10.0.0.7", port: 80, path: "/", scheme: "http", headers: [] };
const tcp: CheckedAction = { kind: "tcpSocket", host: "10.0.0.7", port: 80 };
const grpc: CheckedAction = { kind: "grpc", host: "10.0.0.7", port: 80, service: "shop" };
const exited = { kind: "exited", exitCode: 0, stdout: "", stderr: "" } as const;

describe("judgeAttempt and its message", () => {
  const table: [string, CheckedAction, AttemptOutcome, string, string][] = [
    ["exit code 0", exec, { ...exited, stdout: "fine" }, "Success", ""],
    [
      "exit code 1",
      exec,
      { ...exited, exitCode: 1, stdout: "a", stderr: "b" },
      "Failure",
      "Readiness probe failed: ab",
    ],
    [
      "a command out of time",
      exec,
      { kind: "timed-out" },
      "Failure",
      'Readiness probe failed: command "cat /ready" timed out',
    ],
    [
      "a command that cannot run",
      exec,
      { kind: "errored", error: "no such container" },
      "Unknown",
      "Readiness probe errored: no such container",
    ],
    ["a healthy service", grpc, { kind: "health", status: "SERVING" }, "Success", ""],
    [
      "an unhealthy service",
      grpc,
      { kind: "health", status: "NOT_SERVING" },
      "Failure",
      'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
    ],
    ["status 200", http, { kind: "answered", status: 200, body: "ok" }, "Success", ""],
    [
      "status 302",
      http,
      { kind: "answered", status: 302, body: "go" },
      "Success",
      "Readiness probe warning: Probe terminated redirects, Response body: go",
    ],
    [
      "status 399",
      http,
      { kind: "answered", status: 399, body: "" },
      "Success",
      "Readiness probe warning: Probe terminated redirects, Response body: ",
    ],
    [
      "status 400",
      http,
      { kind: "answered", status: 400, body: "secret" },
      "Failure",
      "Readiness probe failed: HTTP probe failed with statuscode: 400",
    ],
    [
      "status 500",
      http,
      { kind: "answered", status: 500, body: "" },
      "Failure",
      "Readiness probe failed: HTTP probe failed with statuscode: 500",
    ],
    [
      "status 199",
      http,
      { kind: "answered", status: 199, body: "" },
      "Failure",
      "Readiness probe failed: HTTP probe failed with statuscode: 199",
    ],
    ["an open port", tcp, { kind: "connected" }, "Success", ""],
    [
      "a closed port",
      tcp,
      { kind: "no-answer", error: "dial tcp 10.0.0.7:80: connect: connection refused" },
      "Failure",
      "Readiness probe failed: dial tcp 10.0.0.7:80: connect: connection refused",
    ],
  ];
  it.each(table)("%s", (_sentence, action, outcome, result, message) => {
    const attempt = judgeAttempt(action, outcome);
    expect([attempt.result, attemptMessage("Readiness", attempt)]).toEqual([result, message]);
  });

  it("keeps 10 KiB of output", () => {
    const attempt = judgeAttempt(exec, {
      ...exited,
      exitCode: 1,
      stdout: "x".repeat(9_000),
      stderr: "y".repeat(9_000),
    });
    expect(attempt.output).toHaveLength(10_240);
  });
});

it.each([
  [exec, 'command "cat /ready"'],
  [http, "GET http://10.0.0.7:80/"],
  [tcp, "dial tcp 10.0.0.7:80"],
  [grpc, 'gRPC health of "shop" at 10.0.0.7:80'],
])("what is asked", (action, text) => {
  expect(askedText(action)).toBe(text);
});
