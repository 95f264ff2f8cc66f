import type { Container } from "@podbus/kube";

/**
 * A fingerprint of the fields whose change restarts a container: its name and image, the only ones that may
 * change in a stored pod (kubelet: HashContainer, pkg/kubelet/container/helpers.go). FNV-1a, 32 bits, in hex.
 */
export function containerHash(container: Pick<Container, "name" | "image">): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify([container.name, container.image ?? ""]))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16);
}
