import type { Action } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";

/** An Action that can be done. */
export type CheckedAction = ExecCommand | HttpRequest | TcpTarget | GrpcTarget;

export interface ExecCommand {
  readonly kind: "exec";
  readonly command: readonly string[];
}

export interface HttpRequest {
  readonly kind: "httpGet";
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly scheme: "http" | "https";
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface TcpTarget {
  readonly kind: "tcpSocket";
  readonly host: string;
  readonly port: number;
}

export interface GrpcTarget {
  readonly kind: "grpc";
  readonly host: string;
  readonly port: number;
  readonly service: string;
}

/** `field` is the path of the action in its message, for the error. */
export function checkAction(action: Action | undefined, field = "action"): CheckedAction {
  switch (action?.kind.case) {
    case "exec": {
      const { command } = action.kind.value;
      if (command.length === 0) throw invalid(`${field}.exec.command: required`);
      return { kind: "exec", command };
    }
    case "httpGet": {
      const { host, port, path, scheme, headers } = action.kind.value;
      checkTarget(host, port, `${field}.http_get`);
      return { kind: "httpGet", host, port, path, scheme: checkScheme(scheme, `${field}.http_get`), headers };
    }
    case "tcpSocket": {
      const { host, port } = action.kind.value;
      checkTarget(host, port, `${field}.tcp_socket`);
      return { kind: "tcpSocket", host, port };
    }
    case "grpc": {
      const { host, port, service } = action.kind.value;
      checkTarget(host, port, `${field}.grpc`);
      return { kind: "grpc", host, port, service };
    }
    default:
      throw invalid(`${field}: required`);
  }
}

function checkTarget(host: string, port: number, field: string): void {
  if (host === "") throw invalid(`${field}.host: required`);
  if (port < 1 || port > 65_535) throw invalid(`${field}.port: ${port} is not between 1 and 65535`);
}

function checkScheme(scheme: string, field: string): "http" | "https" {
  if (scheme === "" || scheme.toUpperCase() === "HTTP") return "http";
  if (scheme.toUpperCase() === "HTTPS") return "https";
  throw invalid(`${field}.scheme: "${scheme}" is neither HTTP nor HTTPS`);
}

function invalid(message: string): PodbusError {
  return new PodbusError({ code: "INVALID_ARGUMENT", message });
}
