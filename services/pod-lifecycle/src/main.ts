import { runService } from "@podbus/service";
import { podLifecycle } from "./index.ts";

await runService(podLifecycle);
