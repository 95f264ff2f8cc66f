import type { Pod } from "@podbus/kube";

/**
 * What a pod may set without touching another: of its own namespaces, and isolated.
 * kubelet: pkg/kubelet/sysctl/safe_sysctls.go; every kernel that podbus runs on has them all.
 */
const safe: readonly string[] = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
];

/** The kernel namespace that a sysctl, or every sysctl of a pattern "kernel.shm*", belongs to. component-helpers/node/util/sysctl/namespace.go. */
export function sysctlNamespace(name: string): "ipc" | "net" | undefined {
  const prefix = name.replace(/\*$/, "");
  if (prefix === "kernel.sem" || /^(kernel\.(shm|msg)|fs\.mqueue\.)/.test(prefix)) return "ipc";
  return prefix.startsWith("net.") ? "net" : undefined;
}

/** "net/ipv4/conf/eth0.1/x" → "net.ipv4.conf.eth0/1.x": the separator that comes first is the one of the path. */
export function dottedSysctl(name: string): string {
  if (name.match(/[./]/)?.[0] !== "/") return name;
  return name.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/"));
}

/** Why this pod's sysctls are forbidden. `allowed`: names and patterns beyond the safe ones. kubelet: pkg/kubelet/sysctl/allowlist.go. */
export function forbiddenSysctl({ spec }: Pod, allowed: readonly string[]): string | undefined {
  const patterns = [...safe, ...allowed];
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const dotted = dottedSysctl(name);
    if (!patterns.some((pattern) => matches(pattern, dotted))) return `"${dotted}" not allowlisted`;
    const namespace = sysctlNamespace(dotted);
    const shared = namespace === "ipc" ? spec.hostIPC : spec.hostNetwork;
    if (shared) return `"${dotted}" not allowed with host ${namespace} enabled`;
  }
  return undefined;
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
