import type { Endpoints, Pod, Service } from "@podbus/kube";

/** What "nodes|pods|services/[https:]NAME[:PORT]/proxy" names (apimachinery/pkg/util/net/port_split.go SplitSchemeNamePort). */
export interface ProxyName {
  readonly scheme: "http" | "https";
  readonly name: string;
  /** "" for none. */
  readonly port: string;
}

export function parseProxyName(text: string): ProxyName | undefined {
  const parts = text.split(":");
  if (parts.length === 1) return named("http", parts[0], "");
  if (parts.length === 2) return named("http", parts[0], parts[1]);
  const [scheme = "", name, port] = parts;
  if (parts.length > 3 || !["", "http", "https"].includes(scheme)) return undefined;
  return named(scheme === "https" ? "https" : "http", name, port);
}

function named(scheme: ProxyName["scheme"], name = "", port = ""): ProxyName | undefined {
  return name === "" ? undefined : { scheme, name, port };
}

/** The number of a port; undefined if it is none. */
export function portNumber(text: string): number | undefined {
  const port = Number(text);
  return /^\d+$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** A pod's own first port where none is named, then the scheme's (registry/core/pod/strategy.go ResourceLocation). */
export function defaultPodPort({ spec }: Pod, scheme: ProxyName["scheme"]): number {
  const [first] = spec.containers.flatMap(({ ports = [] }) => ports);
  return first?.containerPort ?? (scheme === "https" ? 443 : 80);
}

export interface ServicePod {
  readonly name: string;
  readonly port: number;
}

/** The pods that stand behind a port of a service, by its endpoints (registry/core/service/storage/storage.go ResourceLocation). */
export function podsBehind(service: Service, endpoints: Endpoints, port: string): readonly ServicePod[] {
  const wanted = portNameOf(service, port);
  return (endpoints.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const found = ports.find(({ name = "" }) => wanted === undefined || name === wanted);
    if (!found) return [];
    return addresses.flatMap(({ targetRef }) =>
      targetRef?.kind === "Pod" && targetRef.name ? [{ name: targetRef.name, port: found.port }] : [],
    );
  });
}

/** Endpoints know ports by name; undefined: any will do. */
function portNameOf({ spec }: Service, port: string): string | undefined {
  if (port === "") return undefined;
  const byNumber = spec?.ports?.find((each) => String(each.port) === port);
  return byNumber ? (byNumber.name ?? "") : port;
}
