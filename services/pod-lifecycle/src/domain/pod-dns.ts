import type { Pod } from "@podbus/kube";

/** What a resolv.conf says. */
export interface ResolverSettings {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface ClusterDns {
  /** Addresses; empty if the cluster has none. */
  readonly servers: readonly string[];
  /** "cluster.local". */
  readonly domain: string;
}

/** resolv.conf(5): name servers add up, of the other lines the last one counts. kubelet: parseResolvConf. */
export function parseResolvConf(text: string): ResolverSettings {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0]) servers.push(values[0]);
    if (keyword === "search") searches = values.map((name) => name.replace(/\.$/, ""));
    if (keyword === "options") options = values;
  }
  return { servers, searches, options };
}

export interface PodDns {
  readonly settings: ResolverSettings;
  /** Texts of `DNSConfigForming` events. */
  readonly warnings: readonly string[];
}

/** What the pod's containers find in /etc/resolv.conf. kubelet: pkg/kubelet/network/dns/dns.go, GetPodDNS. */
export function podDns(pod: Pod, host: ResolverSettings, cluster: ClusterDns): PodDns {
  const base = baseOf(pod, host, cluster);
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {};
  const merged = new Map(base.options.map((option) => optionOf(option)));
  for (const { name = "", value = "" } of options) merged.set(name, value);
  return withinLimits({
    servers: [...new Set([...base.servers, ...nameservers])],
    searches: [...new Set([...base.searches, ...searches])],
    options: Array.from(merged, ([name, value]) => (value === "" ? name : `${name}:${value}`)),
  });
}

/** `ClusterFirst` is `Default` as long as there is no cluster DNS, and for pods on the host's network. */
function baseOf({ spec, metadata }: Pod, host: ResolverSettings, { servers, domain }: ClusterDns): ResolverSettings {
  if (spec.dnsPolicy === "None") return { servers: [], searches: [], options: [] };
  const ofCluster =
    spec.dnsPolicy === "ClusterFirstWithHostNet" || (spec.dnsPolicy === "ClusterFirst" && !spec.hostNetwork);
  if (!ofCluster || servers.length === 0) return host;
  const own = [`${metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers, searches: [...own, ...host.searches], options: ["ndots:5"] };
}

function optionOf(option: string): [string, string] {
  const at = option.indexOf(":");
  return at < 0 ? [option, ""] : [option.slice(0, at), option.slice(at + 1)];
}

/** Kubernetes: MaxDNSNameservers, MaxDNSSearchPaths, MaxDNSSearchListChars (pkg/apis/core/validation). */
const limits = { servers: 3, searches: 32, searchCharacters: 2048, searchPathCharacters: 253 };

function withinLimits(all: ResolverSettings): PodDns {
  const servers = all.servers.slice(0, limits.servers);
  const short = all.searches.slice(0, limits.searches).filter((path) => path.length <= limits.searchPathCharacters);
  let searches = short;
  while (searches.join(" ").length > limits.searchCharacters) searches = searches.slice(0, -1);
  const warnings: string[] = [];
  if (servers.length < all.servers.length) {
    warnings.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(" ")}`,
    );
  }
  if (searches.length < all.searches.length) {
    warnings.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(" ")}`,
    );
  }
  return { settings: { ...all, servers, searches }, warnings };
}
