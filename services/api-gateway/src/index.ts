import type { ClusterServiceDefinition } from "@podbus/service";
import { type ApiGatewayConfig, apiGatewayConfig } from "./config.ts";
import { startApiGateway } from "./service.ts";

export { type ApiGatewayConfig, apiGatewayConfig } from "./config.ts";
export { type ApiGateway, startApiGateway } from "./service.ts";

export const apiGateway: ClusterServiceDefinition<ApiGatewayConfig> = {
  name: "api-gateway",
  scope: "cluster",
  configSchema: apiGatewayConfig,
  start: startApiGateway,
};
