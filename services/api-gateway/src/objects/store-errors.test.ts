import { PodbusError } from "@podbus/errors";
import { services, statusNotFound } from "@podbus/kube";
import { expect, it } from "vitest";
import { wasRefused } from "./store-errors.ts";

const storeError = (code: PodbusError["code"]) => new PodbusError({ code, reason: "", message: "" });

it.each([
  ["another write was faster", storeError("ABORTED"), true],
  ["its name is taken", storeError("ALREADY_EXISTS"), true],
  ["it is gone", storeError("NOT_FOUND"), true],
  ["it is too large", storeError("RESOURCE_EXHAUSTED"), true],
  ["a Status says no", statusNotFound(services, "web"), true],
  ["no answer in time: it may be stored", storeError("UNAVAILABLE"), false],
  ["the deadline has passed: it may be stored", storeError("DEADLINE_EXCEEDED"), false],
  ["anything else", new Error("?"), false],
])("%s", (_, error, refused) => {
  expect(wasRefused(error)).toBe(refused);
});
