import { expect, test } from "vitest";
import { execEnd } from "./exec-protocol.ts";

test.each([
  ["success", '{"status":"Success"}', { exitCode: 0, error: "" }],
  [
    "a command that failed",
    '{"status":"Failure","reason":"NonZeroExitCode","message":"x","details":{"causes":[{"reason":"ExitCode","message":"42"}]}}',
    { exitCode: 42, error: "" },
  ],
  [
    "a command that could not be run",
    '{"status":"Failure","reason":"InternalError","message":"no such file"}',
    { exitCode: 1, error: "no such file" },
  ],
  ["no status", "", { exitCode: 1, error: "the runtime ended the session without a status" }],
  ["no JSON", "oops", { exitCode: 1, error: "oops" }],
])("%s", (_, text, expected) => {
  expect(execEnd(text)).toEqual(expected);
});
