import { describe, expect, it } from "vitest";
import {
  decideCommandSession,
  decideLogFraming,
  decidePortForwardSession,
  parseUpgradeOffer,
} from "./upgrade-offer.ts";

const webSocket = (...subprotocols: string[]) => parseUpgradeOffer("WebSocket", subprotocols.join(", "));
const spdy = parseUpgradeOffer("SPDY/3.1", undefined);
const h2c = parseUpgradeOffer("h2c", undefined);
const refused = { kind: "refused", message: expect.any(String) };

describe("exec and attach", () => {
  it.each([
    [
      "today's kubectl",
      webSocket("v5.channel.k8s.io", "v4.channel.k8s.io"),
      { kind: "framed", protocol: "v5.channel.k8s.io" },
    ],
    [
      "a client of version 4",
      webSocket("v4.channel.k8s.io", "channel.k8s.io"),
      { kind: "framed", protocol: "v4.channel.k8s.io" },
    ],
    ["a client of version 1", webSocket("channel.k8s.io"), { kind: "spliced" }],
    ["base64 for browsers", webSocket("base64.channel.k8s.io"), { kind: "spliced" }],
    ["no subprotocol", webSocket(), { kind: "spliced" }],
    ["kubectl before 1.31", spdy, { kind: "spliced" }],
    ["another subprotocol", webSocket("chat"), refused],
    ["another upgrade", h2c, refused],
  ])("%s", (_who, offer, session) => {
    expect(decideCommandSession(offer)).toEqual(session);
  });
});

describe("port-forward", () => {
  it.each([
    [
      "today's kubectl",
      webSocket("SPDY/3.1+portforward.k8s.io"),
      { kind: "spdy-in-websocket", subprotocol: "SPDY/3.1+portforward.k8s.io" },
    ],
    ["a classic WebSocket", webSocket("v4.channel.k8s.io"), { kind: "spliced" }],
    ["kubectl before 1.31", spdy, { kind: "spliced" }],
    ["no subprotocol", webSocket(), refused],
    ["another upgrade", h2c, refused],
  ])("%s", (_who, offer, session) => {
    expect(decidePortForwardSession(offer)).toEqual(session);
  });
});

describe("logs", () => {
  it.each([
    ["no subprotocol", webSocket(), { kind: "binary", subprotocol: "" }],
    ["binary", webSocket("binary.k8s.io"), { kind: "binary", subprotocol: "binary.k8s.io" }],
    ["base64", webSocket("base64.binary.k8s.io"), { kind: "base64", subprotocol: "base64.binary.k8s.io" }],
    ["another subprotocol", webSocket("chat"), undefined],
    ["SPDY", spdy, undefined],
  ])("%s", (_who, offer, framing) => {
    expect(decideLogFraming(offer)).toEqual(framing);
  });
});
