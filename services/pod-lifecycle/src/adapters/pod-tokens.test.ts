import { FakeClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { createLogger } from "@podbus/telemetry";
import { describe, expect, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { PodTokens } from "./pod-tokens.ts";

const signal = new AbortController().signal;
const minuteMs = 60_000;

/** Numbers the tokens that it makes. */
function tokensOver(clock: FakeClock) {
  const state = { made: 0, away: false };
  const api = {
    createPodToken: async ({ expirationSeconds = 0n }: { expirationSeconds?: bigint }) => {
      if (state.away) throw new PodbusError({ code: "UNAVAILABLE", message: "nobody answers" });
      const expiresAtMs = BigInt(clock.now()) + expirationSeconds * 1000n;
      return { token: `token ${++state.made}`, expiresAtMs } as never;
    },
  };
  const log = createLogger({ service: "test", level: "silent" });
  return { state, tokens: new PodTokens({ api, clock, log }) };
}

describe("a pod's token", () => {
  test.each([
    ["is kept for most of its life", 600, 7 * minuteMs, "token 1"],
    ["is made anew after four fifths of it", 600, 8 * minuteMs, "token 2"],
    ["is made anew after a day, however long it would be good", 7 * 24 * 3600, 24 * 60 * minuteMs, "token 2"],
  ])("%s", async (_sentence, expirationSeconds, laterMs, expected) => {
    const clock = new FakeClock();
    const { tokens } = tokensOver(clock);
    expect(await tokens.token(pod(), { expirationSeconds }, signal)).toBe("token 1");
    await clock.step(laterMs);
    expect(await tokens.token(pod(), { expirationSeconds }, signal)).toBe(expected);
  });

  test.each([
    ["ahead", 60],
    ["back", -60],
  ])("is renewed in time though the clock is set %s by an hour", async (_, minutes) => {
    const clock = new FakeClock();
    const { tokens } = tokensOver(clock);
    await tokens.token(pod(), { expirationSeconds: 600 }, signal);
    clock.jump(minutes * minuteMs);
    await clock.step(7 * minuteMs);
    expect(await tokens.token(pod(), { expirationSeconds: 600 }, signal)).toBe("token 1");
    await clock.step(minuteMs);
    expect(await tokens.token(pod(), { expirationSeconds: 600 }, signal)).toBe("token 2");
  });

  test("is one for each audience", async () => {
    const { tokens } = tokensOver(new FakeClock());
    expect(await tokens.token(pod(), {}, signal)).toBe("token 1");
    expect(await tokens.token(pod(), { audience: "vault" }, signal)).toBe("token 2");
    expect(await tokens.token(pod(), {}, signal)).toBe("token 1");
  });

  test("serves on while the API cannot be asked, until it has expired", async () => {
    const clock = new FakeClock();
    const { tokens, state } = tokensOver(clock);
    await tokens.token(pod(), { expirationSeconds: 600 }, signal);
    state.away = true;
    await clock.step(9 * minuteMs);
    expect(await tokens.token(pod(), { expirationSeconds: 600 }, signal)).toBe("token 1");
    await clock.step(minuteMs);
    await expect(tokens.token(pod(), { expirationSeconds: 600 }, signal)).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });

  test("goes with the pod", async () => {
    const { tokens } = tokensOver(new FakeClock());
    await tokens.token(pod(), {}, signal);
    tokens.forget("uid-1");
    expect(await tokens.token(pod(), {}, signal)).toBe("token 2");
  });
});
