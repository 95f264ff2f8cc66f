export { askGrpcHealth } from "./ask-grpc-health.ts";
export {
  type CheckedAction,
  checkAction,
  type ExecCommand,
  type GrpcTarget,
  type HttpRequest,
  type TcpTarget,
} from "./check-action.ts";
export { type Bounds, dialTcp, type Reach } from "./dial-tcp.ts";
export {
  type ExecOptions,
  type ExecOutcome,
  execInContainer,
  exitText,
  maxOutputBytes,
  timeoutText,
} from "./exec-in-container.ts";
export { joinHostPort, serverGaveHttp } from "./go-text.ts";
export { type HttpGetOptions, type HttpReply, httpGet, maxBodyBytes } from "./http-get.ts";
