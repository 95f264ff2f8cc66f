import type { AnySuite } from "../harness/contract-suite.ts";
import { traceExplorerSuite } from "./trace-explorer.ts";

export const suites: readonly AnySuite[] = [traceExplorerSuite];
