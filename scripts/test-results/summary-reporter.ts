import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";
import type { Summary } from "./summary.ts";

/** A vitest reporter that writes a Summary to the file named by PODBUS_TEST_SUMMARY. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: string): void {
    const file = process.env.PODBUS_TEST_SUMMARY;
    if (file === undefined) throw new Error("PODBUS_TEST_SUMMARY is not set");
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const summary: Summary = {
      group: process.env.PODBUS_TEST_GROUP ?? "",
      passed: inState("passed").length,
      failed: [
        ...inState("failed").map(nameOf),
        ...modules.filter(failedOutsideTests).map((module) => `${module.relativeModuleId} (outside its tests)`),
        ...unhandled.map((error) => `an error that no test caught: ${String(error.message).split("\n")[0]}`),
        ...(reason === "interrupted" ? ["the run was interrupted"] : []),
        // A test that neither passed, failed nor was skipped did not come to its end.
        ...inState("pending").map((test) => `${nameOf(test)} (did not end)`),
      ],
      skipped: inState("skipped").map((test) => ({ name: nameOf(test), reason: reasonOf(test) })),
    };
    writeFileSync(file, JSON.stringify(summary));
  }
}

const nameOf = (test: TestCase) => `${test.module.relativeModuleId} > ${test.fullName}`;

/** A module whose import or hooks failed: without this, none of its tests would be missed. */
function failedOutsideTests(module: TestModule): boolean {
  const suites = [...module.children.allSuites()];
  return module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0);
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return note ?? (test.options.mode === "todo" ? "to do" : "");
}
