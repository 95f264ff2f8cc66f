import type { Pod } from "@podbus/kube";
import { podHostname } from "./sandbox-config.ts";

/** The pod's own /etc/hosts. kubelet: managedHostsFileContent (pkg/kubelet/kubelet_pods.go). */
export function etcHosts(pod: Pod, podIps: readonly string[]): string {
  const base = [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::\tip6-localnet",
    "fe00::\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
  ];
  const hostname = podHostname(pod);
  const domain = pod.spec.subdomain
    ? `${hostname}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.cluster.local\t`
    : "";
  return `${[...base, ...podIps.map((ip) => `${ip}\t${domain}${hostname}`)].join("\n")}\n${aliases(pod)}`;
}

/** What is added to the node's own hosts file on the host's network. */
export function aliases(pod: Pod): string {
  const entries = (pod.spec.hostAliases ?? []).map((a) => `${a.ip}\t${(a.hostnames ?? []).join("\t")}`);
  return entries.length === 0 ? "" : `\n# Entries added by HostAliases.\n${entries.join("\n")}\n`;
}
