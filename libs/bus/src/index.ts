export type { Bus, CallContext, CallOptions, Client, Implementation, Target } from "./bus.ts";
