import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { requireBinary } from "@podbus/binaries";
import { afterEach, beforeEach, expect, it } from "vitest";
import { requireFreeNetwork } from "./pod-network.ts";

/** A bridge as a podbus leaves it that was killed: it is up, with its address, and nobody is connected. */
const ip = (...args: string[]) => promisify(execFile)(requireBinary("ip"), args);
const nameOfBridge = () => `podbus-${randomBytes(4).toString("hex")}`;
const podCidr = "10.63.0.0/16";
const isThere = (bridge: string) => existsSync(`/sys/class/net/${bridge}`);

let left: string;
beforeEach(async () => {
  left = nameOfBridge();
  await ip("link", "add", left, "type", "bridge");
  await ip("address", "add", "10.63.0.1/16", "dev", left);
  await ip("link", "set", left, "up");
});
afterEach(async () => {
  if (isThere(left)) await ip("link", "delete", left);
});

it("a bridge that another podbus has left is told, and stays", async () => {
  await expect(requireFreeNetwork({ bridge: nameOfBridge(), podCidr })).rejects.toThrow(
    `on the bridge ${left}, which a podbus has left that does not run. Remove it with "ip link delete ${left}"`,
  );
  expect(isThere(left)).toBe(true);
});

it("its own bridge is used again, and goes where the network is another now", async () => {
  await requireFreeNetwork({ bridge: left, podCidr });
  expect(isThere(left)).toBe(true);
  await requireFreeNetwork({ bridge: left, podCidr: "10.62.0.0/16" });
  expect(isThere(left)).toBe(false);
});
