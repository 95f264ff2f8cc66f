import { runService } from "@podbus/service";
import { apiGateway } from "./index.ts";

await runService(apiGateway);
