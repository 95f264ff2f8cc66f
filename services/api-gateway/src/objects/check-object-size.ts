import { statusTooLarge } from "@podbus/kube";

/** etcd's limit, and so Kubernetes': refused before it goes anywhere. */
const maxObjectBytes = 1.5 * 1024 * 1024;

export function checkObjectSize(object: object): void {
  const bytes = Buffer.byteLength(JSON.stringify(object));
  if (bytes > maxObjectBytes) throw statusTooLarge(`limit is ${maxObjectBytes}`);
}
