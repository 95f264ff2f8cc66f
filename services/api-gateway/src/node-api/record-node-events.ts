import type { CallContext } from "@podbus/bus";
import type { EventRecord, RecordEventsRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { fromWire, recordEvents } from "@podbus/events";
import type { GatewayPorts } from "../ports.ts";
import type { PodFeed } from "./pod-feed.ts";

/** NodeApi.RecordEvents: about the node itself or its pods. What it may not say is left out; if that is all, it is told. */
export async function recordNodeEvents(
  { store, clock, log }: Pick<GatewayPorts, "store" | "clock" | "log">,
  feed: PodFeed,
  { events }: RecordEventsRequest,
  { node }: CallContext,
): Promise<object> {
  const own = events.filter((event) => isOwn(feed, node, event));
  if (own.length < events.length)
    log.warn({ node, refused: events.length - own.length }, "events about others were refused");
  if (own.length === 0 && events.length > 0) {
    const message = `node ${node} may record events about itself and its pods only`;
    throw new PodbusError({ code: "PERMISSION_DENIED", reason: "Forbidden", message });
  }
  await recordEvents(store, own.map(fromWire), { clock, host: node });
  return {};
}

function isOwn(feed: PodFeed, node: string, { kind, namespace, name, uid }: EventRecord): boolean {
  if (kind === "Node") return name === node && namespace === "";
  return kind === "Pod" && feed.belongsTo(node, namespace, name, uid);
}
