import { runService } from "@podbus/service";
import { traceExplorer } from "./index.ts";

await runService(traceExplorer);
