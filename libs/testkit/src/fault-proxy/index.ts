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
export { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
export type { SeenRequest } from "./seen-request.ts";
