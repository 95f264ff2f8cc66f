import { runService } from "@podbus/service";
import { probeRunner } from "./index.ts";

await runService(probeRunner);
