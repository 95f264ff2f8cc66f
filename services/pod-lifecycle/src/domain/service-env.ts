/**
 * The variables by which a container finds the API server, as of the Service `kubernetes`.
 * kubelet: pkg/kubelet/envvars. The address is the API server's own: Services have no addresses yet.
 */
export function apiServerEnv(host: string, port: number): ReadonlyMap<string, string> {
  const url = `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const portPrefix = `KUBERNETES_PORT_${port}_TCP`;
  return new Map([
    ["KUBERNETES_SERVICE_HOST", host],
    ["KUBERNETES_SERVICE_PORT", String(port)],
    ["KUBERNETES_SERVICE_PORT_HTTPS", String(port)],
    ["KUBERNETES_PORT", url],
    [portPrefix, url],
    [`${portPrefix}_PROTO`, "tcp"],
    [`${portPrefix}_PORT`, String(port)],
    [`${portPrefix}_ADDR`, host],
  ]);
}
