import { describe, expect, it } from "vitest";
import { Coalesced } from "./coalesced.ts";

describe("Coalesced", () => {
  it("asks again for those who came while a question was under way, once for all of them", async () => {
    const questions: PromiseWithResolvers<string>[] = [];
    const coalesced = new Coalesced(() => {
      const question = Promise.withResolvers<string>();
      questions.push(question);
      return question.promise;
    });
    const first = coalesced.get();
    await Promise.resolve();
    const second = coalesced.get();
    const third = coalesced.get();
    questions[0]?.resolve("one");
    expect(await first).toBe("one");
    await Promise.resolve();
    questions[1]?.resolve("two");
    expect(await Promise.all([second, third])).toEqual(["two", "two"]);
    expect(questions).toHaveLength(2);
  });

  it("gives a failure to those who asked, and asks anew for the next", async () => {
    const answers = [() => Promise.reject(new Error("no server")), () => Promise.resolve("fine")];
    const coalesced = new Coalesced<string>(() => answers.shift()?.() ?? Promise.reject(new Error("asked too often")));
    const first = coalesced.get();
    await Promise.resolve();
    const second = coalesced.get();
    await expect(first).rejects.toThrow("no server");
    expect(await second).toBe("fine");
  });
});
