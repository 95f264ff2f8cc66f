import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ActionSchema } from "@podbus/contracts";
import type { Container, LifecycleHandler, Probe } from "@podbus/kube";

export type ActionInit = MessageInitShape<typeof ActionSchema>;

/** Turns a hook's or a probe's handler into what a runner does; undefined if it has none that podbus knows. */
export function handlerAction(
  handler: Pick<Probe, "exec" | "httpGet" | "tcpSocket" | "grpc"> | LifecycleHandler,
  container: Container,
  podIp: string,
): ActionInit | undefined {
  const { exec, httpGet, tcpSocket } = handler;
  if (exec) return { kind: { case: "exec", value: { command: exec.command ?? [] } } };
  if (httpGet) {
    const value = {
      host: httpGet.host || podIp,
      port: portNumber(httpGet.port, container),
      path: httpGet.path || "/",
      scheme: httpGet.scheme || "HTTP",
      headers: httpGet.httpHeaders ?? [],
    };
    return { kind: { case: "httpGet", value } };
  }
  if ("grpc" in handler && handler.grpc) {
    const { port, service = "" } = handler.grpc;
    return { kind: { case: "grpc", value: { host: podIp, port, service } } };
  }
  if (!tcpSocket) return undefined;
  return {
    kind: { case: "tcpSocket", value: { host: tcpSocket.host || podIp, port: portNumber(tcpSocket.port, container) } },
  };
}

/** The name of a port at which the handler would have to ask, but which its container does not have. */
export function unknownPort(
  { httpGet, tcpSocket }: Pick<LifecycleHandler, "httpGet" | "tcpSocket">,
  container: Container,
): string | undefined {
  const port = (httpGet ?? tcpSocket)?.port;
  return typeof port === "string" && portNumber(port, container) === 0 ? port : undefined;
}

/** A named port is one of the container's own; an unknown name gives 0, at which nobody can be asked. */
function portNumber(port: number | string, container: Container): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find((p) => p.name === port)?.containerPort;
  return named ?? (/^\d+$/.test(port) ? Number(port) : 0);
}
