/** The Kubernetes version whose kubelet we stand in for. */
const kubeletVersion = "1.32";

/** What servers see of us. Kubernetes: pkg/probe/http/request.go. */
export const userAgent = (purpose: "probe" | "lifecycle"): string => `kube-${purpose}/${kubeletVersion}`;
