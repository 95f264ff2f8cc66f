import { runService } from "@podbus/service";
import { schedulerAdmission } from "./index.ts";

await runService(schedulerAdmission);
