import type { AnySuite } from "../harness/contract-suite.ts";
import { evictionSuite } from "./eviction.ts";
import { hookRunnerSuite } from "./hook-runner.ts";
import { imagePullerSuite, pullMonitorSuite } from "./image-puller.ts";
import { nodeApiSuite } from "./node-api.ts";
import { podApiSuite } from "./pod-api.ts";
import { podLifecycleSuite } from "./pod-lifecycle.ts";
import { probeMonitorSuite, probeRunnerSuite } from "./probe-runner.ts";
import { schedulerAdmissionSuite } from "./scheduler-admission.ts";
import { traceExplorerSuite } from "./trace-explorer.ts";

export const suites: readonly AnySuite[] = [
  evictionSuite,
  hookRunnerSuite,
  imagePullerSuite,
  nodeApiSuite,
  podApiSuite,
  podLifecycleSuite,
  probeMonitorSuite,
  probeRunnerSuite,
  pullMonitorSuite,
  schedulerAdmissionSuite,
  traceExplorerSuite,
];
