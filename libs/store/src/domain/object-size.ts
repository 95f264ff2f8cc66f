import { tooLarge } from "./store-errors.ts";

/** etcd's --max-request-bytes default, which is what limits an object in Kubernetes: 1.5 MiB. */
export const maxObjectBytes = 1.5 * 1024 * 1024;

export function checkObjectSize(bytes: number, limitBytes = maxObjectBytes): void {
  if (bytes > limitBytes) throw tooLarge(bytes, limitBytes);
}
