import { describe, expect, it } from "vitest";
import { scheduleProblem } from "./schedule.ts";

describe("schedules", () => {
  it.each([
    "* * * * *",
    "*/5 0-6,18-23/2 1,15 jan-MAR mon-fri",
    "0 0 ? * 0",
    "5/15 * * * *",
    "@hourly",
    "@every 1h30m",
    "@every 1.5s",
  ])("%s is one", (text) => {
    expect(scheduleProblem(text)).toBeUndefined();
  });

  it.each([
    ["", "empty spec string"],
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["@never", "unrecognized descriptor: @never"],
    ["@every day", 'failed to parse duration @every day: time: invalid duration "day"'],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["5-2 * * * *", "beginning of range (5) beyond end of range (2): 5-2"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["1/2/3 * * * *", "too many slashes: 1/2/3"],
    ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ["* * * foo *", 'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid syntax'],
  ])("%s is none: %s", (text, problem) => {
    expect(scheduleProblem(text)).toBe(problem);
  });
});
