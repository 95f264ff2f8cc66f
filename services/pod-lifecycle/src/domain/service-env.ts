/** A Service with an address, as the API tells of it. */
export interface KnownService {
  readonly namespace: string;
  readonly name: string;
  readonly clusterIp: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

export interface ServiceEnvInputs {
  readonly services: readonly KnownService[];
  /** Of the pod. */
  readonly namespace: string;
  readonly enableServiceLinks: boolean;
  /** Where the API server answers, if that is known: traffic to the addresses of Services is not routed yet. */
  readonly apiAddress: { readonly host: string; readonly port: number } | undefined;
}

const master = { namespace: "default", name: "kubernetes" } as const;

/** The variables by which a container finds Services: kubelet getServiceEnvVarMap (pkg/kubelet/kubelet_pods.go). */
export function serviceEnv(inputs: ServiceEnvInputs): ReadonlyMap<string, string> {
  const { namespace, enableServiceLinks, apiAddress } = inputs;
  const byName = new Map<string, KnownService>();
  for (const service of apiAddress ? [apiService(apiAddress), ...inputs.services] : inputs.services) {
    const isMaster = service.namespace === master.namespace && service.name === master.name;
    const isOwn = service.namespace === namespace && enableServiceLinks && !(isMaster && apiAddress);
    if (isOwn || (isMaster && !byName.has(service.name))) byName.set(service.name, service);
  }
  return new Map([...byName.values()].filter(({ clusterIp }) => clusterIp).flatMap(variablesOf));
}

function apiService({ host, port }: { readonly host: string; readonly port: number }): KnownService {
  return { ...master, clusterIp: host, ports: [{ name: "https", port, protocol: "TCP" }] };
}

/** kubelet: FromServices and makeLinkVariables (pkg/kubelet/envvars/envvars.go). */
function variablesOf({ name, clusterIp, ports }: KnownService): (readonly [string, string])[] {
  const prefix = variableName(name);
  const [first] = ports;
  return [
    [`${prefix}_SERVICE_HOST`, clusterIp],
    ...(first ? [[`${prefix}_SERVICE_PORT`, String(first.port)] as const] : []),
    ...ports.flatMap((port) =>
      port.name ? [[`${prefix}_SERVICE_PORT_${variableName(port.name)}`, String(port.port)] as const] : [],
    ),
    ...ports.flatMap((port, index) => {
      const protocol = port.protocol.toLowerCase();
      const url = `${protocol}://${clusterIp.includes(":") ? `[${clusterIp}]` : clusterIp}:${port.port}`;
      const link = `${prefix}_PORT_${port.port}_${port.protocol.toUpperCase()}`;
      return [
        ...(index === 0 ? [[`${prefix}_PORT`, url] as const] : []),
        [link, url] as const,
        [`${link}_PROTO`, protocol] as const,
        [`${link}_PORT`, String(port.port)] as const,
        [`${link}_ADDR`, clusterIp] as const,
      ];
    }),
  ];
}

const variableName = (text: string): string => text.replaceAll("-", "_").toUpperCase();
