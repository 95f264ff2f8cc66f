import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";

test("it waits through failures and refusals, and answers what came", async () => {
  let tries = 0;
  const attempt = () => {
    tries += 1;
    if (tries === 1) throw new Error("not yet");
    return tries === 2 ? undefined : tries;
  };
  await expect(eventually(attempt, { intervalMs: 1 })).resolves.toBe(3);
});

test("it gives up in time, with the last failure as the cause", async () => {
  const attempt = () => Promise.reject(new Error("the reason"));
  await expect(eventually(attempt, { timeoutMs: 20, intervalMs: 1, message: "no luck" })).rejects.toMatchObject({
    message: "no luck within 20 ms",
    cause: { message: "the reason" },
  });
});
