/** "10.0.0.1:80", "[fd00::1]:80"; as Go's net.JoinHostPort. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A duration as Go prints it: "500ms", "1s", "1.5s", "1m30s". */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

interface SystemError extends Error {
  readonly code: string;
  readonly address?: string;
  readonly port?: number;
}

/** Go's words for a failed connect (net.OpError), by errno. */
const connectFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  EHOSTDOWN: "connect: host is down",
  ETIMEDOUT: "connect: connection timed out",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
};

const lookupFailures: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such host",
  EAI_AGAIN: "Temporary failure in name resolution",
};

/** What Go's net package would say of a failed connection. */
export function dialFailure(
  error: unknown,
  target: { readonly host: string; readonly port: number },
): string | undefined {
  if (!isSystemError(error)) return undefined;
  const lookup = lookupFailures[error.code];
  if (lookup) return `dial tcp: lookup ${target.host}: ${lookup}`;
  const connect = connectFailures[error.code];
  return connect && `dial tcp ${joinHostPort(error.address ?? target.host, error.port ?? target.port)}: ${connect}`;
}

/** What Go's net/http would say of an exchange that failed after the connection was there. */
export function exchangeFailure(error: unknown): string {
  if (!isSystemError(error)) return error instanceof Error ? error.message : String(error);
  if (error.code === "ECONNRESET") {
    return error.message === "socket hang up" ? "EOF" : "read: connection reset by peer";
  }
  if (error.code === "EPIPE") return "write: broken pipe";
  if (plainAnswerToTls.has(error.code)) return serverGaveHttp;
  if (error.code.startsWith("HPE_")) return `net/http: HTTP/1.x transport connection broken: ${error.message}`;
  return error.message;
}

const plainAnswerToTls: ReadonlySet<string> = new Set([
  "EPROTO",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

export const serverGaveHttp = "http: server gave HTTP response to HTTPS client";

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
