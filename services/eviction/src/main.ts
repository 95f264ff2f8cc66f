import { runService } from "@podbus/service";
import { eviction } from "./index.ts";

await runService(eviction);
