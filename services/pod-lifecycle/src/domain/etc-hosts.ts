import type { Pod } from "@podbus/kube";
import { podDomainName, podHostname } from "./pod-hostname.ts";

/** The pod's own /etc/hosts. kubelet: managedHostsFileContent (pkg/kubelet/kubelet_pods.go). */
export function etcHosts(pod: Pod, podIps: readonly string[], clusterDomain: string): string {
  const base = [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::\tip6-localnet",
    "fe00::\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
  ];
  const names = [podDomainName(pod, clusterDomain), podHostname(pod)].filter(Boolean).join("\t");
  return `${[...base, ...podIps.map((ip) => `${ip}\t${names}`)].join("\n")}\n${aliases(pod)}`;
}

/** What is added to the node's own hosts file on the host's network. */
export function aliases(pod: Pod): string {
  const entries = (pod.spec.hostAliases ?? []).map((a) => `${a.ip}\t${(a.hostnames ?? []).join("\t")}`);
  return entries.length === 0 ? "" : `\n# Entries added by HostAliases.\n${entries.join("\n")}\n`;
}
