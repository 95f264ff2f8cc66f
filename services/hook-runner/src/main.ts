import { runService } from "@podbus/service";
import { hookRunner } from "./index.ts";

await runService(hookRunner);
