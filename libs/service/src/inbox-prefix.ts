import { encodeNodeName } from "@podbus/bus";

/**
 * Where a service hears its answers: `_INBOX.<service>`, on a node `_INBOX.<service>.<node>`. NATS permissions let
 * only this service subscribe there. The node "*" gives the pattern for every node.
 */
export function inboxPrefix(service: string, node?: string): string {
  if (!node) return `_INBOX.${service}`;
  return `_INBOX.${service}.${node === "*" ? "*" : encodeNodeName(node)}`;
}
