export type { ClusterRuntime, ServiceRuntime } from "./service-runtime.ts";
