import { describe, expect, it } from "vitest";
import { printFieldError } from "../../validation/field-error.ts";
import { podWith } from "./pod-fixture.ts";
import { probePeriodMs } from "./probe-periods.ts";
import { validateNewPod } from "./validate.ts";
import { validatePodUpdate } from "./validate-update.ts";

const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 2 };
const key = "podbus.dev/probe-period-milliseconds";
const probed = (annotation?: string) =>
  podWith(
    {
      containers: [{ name: "main", image: "nginx:1.27", readinessProbe }],
      initContainers: [{ name: "side", image: "nginx:1.27", restartPolicy: "Always", startupProbe: readinessProbe }],
    },
    annotation === undefined ? {} : { annotations: { [key]: annotation } },
  );

describe("the period of a probe", () => {
  it.each([
    ["its seconds, without the annotation", undefined, 2_000],
    ["what the annotation says", '{"main":{"readinessProbe":250}}', 250],
    ["its seconds, if the annotation is about another one", '{"side":{"startupProbe":250}}', 2_000],
    ["its seconds, if the annotation makes no sense", "{", 2_000],
  ])("is %s", (_, annotation, ms) => {
    expect(probePeriodMs(probed(annotation), "main", "readinessProbe", readinessProbe)).toBe(ms);
  });
});

describe("the annotation", () => {
  const form = 'must be JSON like {"main":{"readinessProbe":200}}, in milliseconds, 100 at least';
  it.each([
    ['{"main":{"readinessProbe":100},"side":{"startupProbe":5000}}', []],
    ["{}", []],
    ["fast", [form]],
    ["", [form]],
    ["[]", [form]],
    ['{"main":{"readinessProbe":99}}', [form]],
    ['{"main":{"readinessProbe":100.5}}', [form]],
    ['{"main":{"readinessProbe":"200"}}', [form]],
    ['{"main":{"readyProbe":200}}', [form]],
    ['{"other":{"readinessProbe":200}}', ['no container "other"']],
    ['{"main":{"livenessProbe":200}}', ['container "main" has no livenessProbe']],
  ])("%s", (text, problems) => {
    const errors = problems.map(
      (problem) => `metadata.annotations[${key}]: Invalid value: ${JSON.stringify(text)}: ${problem}`,
    );
    expect(validateNewPod(probed(text)).map(printFieldError)).toEqual(errors);
    expect(validatePodUpdate(probed(text), probed()).map(printFieldError)).toEqual(errors);
  });
});
