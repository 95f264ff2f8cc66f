import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";

/** A host name has at most 63 characters. kubelet: truncatePodHostnameIfNeeded. */
export function podHostname(pod: Pod): string {
  const name = pod.spec.hostname || pod.metadata.name;
  return name.slice(0, 63).replace(/[-.]+$/, "");
}

/** Its name within its subdomain; undefined without one. */
export function podDomainName(pod: Pod, clusterDomain: string): string | undefined {
  const { subdomain } = pod.spec;
  return subdomain && `${podHostname(pod)}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

/** sethostname(2) on Linux. */
const longestHostname = 64;

/** What the pod's processes are told as the host's name. kubelet: getPodHostnameAndDomain, and setHostnameAsFQDN there. */
export function kernelHostname(pod: Pod, clusterDomain: string): string {
  const full = pod.spec.setHostnameAsFQDN ? podDomainName(pod, clusterDomain) : undefined;
  if (full === undefined) return podHostname(pod);
  if (full.length <= longestHostname) return full;
  throw new PodbusError({
    code: "FAILED_PRECONDITION",
    message: `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${longestHostname} characters is the max, ${full.length} characters requested)`,
  });
}
