import type { AnySuite } from "../harness/contract-suite.ts";
import { evictionSuite } from "./eviction.ts";
import { hookRunnerSuite } from "./hook-runner.ts";
import { schedulerAdmissionSuite } from "./scheduler-admission.ts";
import { traceExplorerSuite } from "./trace-explorer.ts";

export const suites: readonly AnySuite[] = [
  evictionSuite,
  hookRunnerSuite,
  schedulerAdmissionSuite,
  traceExplorerSuite,
];
