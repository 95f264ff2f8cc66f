import { runService } from "@podbus/service";
import { imagePuller } from "./index.ts";

await runService(imagePuller);
