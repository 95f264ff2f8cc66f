import { isSidecar } from "../kinds/pod/resources.ts";
import type { Pod } from "../kinds/pod/schema.ts";

export interface HostPort {
  /** "0.0.0.0" for all addresses. */
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** Init containers' ports do not count, sidecars' do: pkg/scheduler/framework/plugins/nodeports. */
export function hostPortsOf({ spec }: Pod): HostPort[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)]
    .flatMap((container) => container.ports ?? [])
    .filter((port) => (port.hostPort ?? 0) > 0)
    .map((port) => ({ ip: port.hostIP || "0.0.0.0", protocol: port.protocol || "TCP", port: port.hostPort ?? 0 }));
}

/** The host ports in use on one node. Kubernetes: pkg/scheduler/framework/types.go HostPortInfo. */
export class HostPortTable {
  /** Addresses by "TCP/80". */
  readonly #used = new Map<string, string[]>();

  add(ports: readonly HostPort[]): void {
    for (const port of ports) {
      const key = keyOf(port);
      this.#used.set(key, [...(this.#used.get(key) ?? []), port.ip]);
    }
  }

  remove(ports: readonly HostPort[]): void {
    for (const port of ports) {
      const key = keyOf(port);
      const ips = this.#used.get(key) ?? [];
      const index = ips.indexOf(port.ip);
      const rest = index < 0 ? ips : ips.toSpliced(index, 1);
      if (rest.length > 0) this.#used.set(key, rest);
      else this.#used.delete(key);
    }
  }

  conflicts(ports: readonly HostPort[]): boolean {
    return ports.some((port) => {
      const ips = this.#used.get(keyOf(port));
      return ips !== undefined && (port.ip === anyAddress || ips.includes(anyAddress) || ips.includes(port.ip));
    });
  }
}

const anyAddress = "0.0.0.0";
const keyOf = ({ protocol, port }: HostPort) => `${protocol}/${port}`;
