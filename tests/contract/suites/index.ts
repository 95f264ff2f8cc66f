import type { AnySuite } from "../harness/contract-suite.ts";
import { evictionSuite } from "./eviction.ts";
import { traceExplorerSuite } from "./trace-explorer.ts";

export const suites: readonly AnySuite[] = [evictionSuite, traceExplorerSuite];
