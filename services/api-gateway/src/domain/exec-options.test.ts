import { describe, expect, it } from "vitest";
import { parseExecOptions } from "./exec-options.ts";

const parse = (query: string) => parseExecOptions(new URLSearchParams(query), "exec");

describe("parseExecOptions", () => {
  it("reads a command with its arguments in order", () => {
    expect(parse("command=sh&command=-c&command=exit+3&container=c&stdout=true&stderr=true")).toEqual({
      kind: "options",
      options: {
        container: "c",
        command: ["sh", "-c", "exit 3"],
        stdin: false,
        stdout: true,
        stderr: true,
        tty: false,
      },
    });
  });

  it("a terminal has no stderr of its own", () => {
    expect(parse("command=sh&stdin=true&stdout=true&stderr=true&tty=true")).toMatchObject({
      options: { tty: true, stdin: true, stdout: true, stderr: false },
    });
  });

  it.each([
    ["no command", "stdout=true"],
    ["no stream", "command=sh"],
  ])("refuses %s", (_name, query) => {
    expect(parse(query).kind).toBe("refuse");
  });
});
