export {
  type Fault,
  type FaultRule,
  ofBlobs,
  ofDigest,
  ofManifests,
  redirect,
  registryError,
  tokenChallenge,
} from "./fault.ts";
export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from "./fault-proxy.ts";
export type { SeenRequest } from "./seen-request.ts";
