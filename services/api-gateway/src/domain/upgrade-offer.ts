import { chooseExecProtocol, type ExecProtocol } from "./exec-channels.ts";

/** What a client that asks for an upgrade can speak. */
export interface UpgradeOffer {
  /** Lower case: "websocket", "spdy/3.1". */
  readonly protocol: string;
  /** WebSocket's subprotocols, in the client's order. */
  readonly subprotocols: readonly string[];
}

export function parseUpgradeOffer(upgrade: string | undefined, subprotocols: string | undefined): UpgradeOffer {
  const names = (subprotocols ?? "").split(",").map((name) => name.trim());
  return { protocol: (upgrade ?? "").toLowerCase(), subprotocols: names.filter((name) => name !== "") };
}

export type StreamingSession =
  /** Frames are read and written here; the only way for a client of v5, which the runtime does not speak. */
  | { readonly kind: "framed"; readonly protocol: ExecProtocol }
  /** The client and the runtime's streaming server understand each other: bytes pass as they are. */
  | { readonly kind: "spliced" }
  /** SPDY within binary WebSocket messages (KEP-4006). */
  | { readonly kind: "spdy-in-websocket"; readonly subprotocol: string }
  | { readonly kind: "refused"; readonly message: string };

/** What the runtime's streaming server speaks itself (kubelet/pkg/cri/streaming): v1 to v4, and nothing at all. */
const splicedCommands = ["v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"];
const splicedPortForwards = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io", "portforward.k8s.io"];
export const tunnelledPortForward = "SPDY/3.1+portforward.k8s.io";

/** For exec and attach. */
export function decideCommandSession(offer: UpgradeOffer): StreamingSession {
  if (offer.protocol === "spdy/3.1") return { kind: "spliced" };
  if (offer.protocol !== "websocket") return unknownUpgrade(offer);
  const framed = chooseExecProtocol(offer.subprotocols);
  if (framed) return { kind: "framed", protocol: framed };
  const plain = offer.subprotocols.length === 0 || offer.subprotocols.some((name) => splicedCommands.includes(name));
  return plain ? { kind: "spliced" } : unknownSubprotocol(offer);
}

export function decidePortForwardSession(offer: UpgradeOffer): StreamingSession {
  if (offer.protocol === "spdy/3.1") return { kind: "spliced" };
  if (offer.protocol !== "websocket") return unknownUpgrade(offer);
  if (offer.subprotocols.includes(tunnelledPortForward)) {
    return { kind: "spdy-in-websocket", subprotocol: tunnelledPortForward };
  }
  return offer.subprotocols.some((name) => splicedPortForwards.includes(name))
    ? { kind: "spliced" }
    : unknownSubprotocol(offer);
}

export type LogFraming = { readonly kind: "binary" | "base64"; readonly subprotocol: string };

/** apiserver/pkg/util/wsstream/stream.go NewDefaultReaderProtocols */
export function decideLogFraming(offer: UpgradeOffer): LogFraming | undefined {
  if (offer.protocol !== "websocket") return undefined;
  if (offer.subprotocols.length === 0) return { kind: "binary", subprotocol: "" };
  for (const subprotocol of offer.subprotocols) {
    if (subprotocol === "binary.k8s.io") return { kind: "binary", subprotocol };
    if (subprotocol === "base64.binary.k8s.io") return { kind: "base64", subprotocol };
  }
  return undefined;
}

function unknownUpgrade({ protocol }: UpgradeOffer): StreamingSession {
  const message = `the upgrade to ${JSON.stringify(protocol)} is not supported: use WebSocket or SPDY/3.1`;
  return { kind: "refused", message };
}

function unknownSubprotocol({ subprotocols }: UpgradeOffer): StreamingSession {
  return { kind: "refused", message: `no common subprotocol with ${subprotocols.join(", ") || "none"}` };
}
