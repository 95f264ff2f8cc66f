import { describe, expect, it } from "vitest";
import { type HostPort, HostPortTable } from "./host-ports.ts";

const at = (ip: string, port = 80, protocol = "TCP"): HostPort => ({ ip, protocol, port });

describe("HostPortTable", () => {
  it.each([
    { sentence: "the same address and port", used: at("10.0.0.1"), wanted: at("10.0.0.1"), conflict: true },
    { sentence: "another address", used: at("10.0.0.1"), wanted: at("10.0.0.2"), conflict: false },
    { sentence: "all addresses wanted", used: at("10.0.0.1"), wanted: at("0.0.0.0"), conflict: true },
    { sentence: "all addresses used", used: at("0.0.0.0"), wanted: at("10.0.0.1"), conflict: true },
    { sentence: "another port", used: at("0.0.0.0"), wanted: at("0.0.0.0", 81), conflict: false },
    { sentence: "another protocol", used: at("0.0.0.0"), wanted: at("0.0.0.0", 80, "UDP"), conflict: false },
  ])("$sentence: $conflict", ({ used, wanted, conflict }) => {
    const table = new HostPortTable();
    table.add([used]);
    expect(table.conflicts([wanted])).toBe(conflict);
    table.remove([used]);
    expect(table.conflicts([wanted])).toBe(false);
  });

  it("frees one of two", () => {
    const table = new HostPortTable();
    table.add([at("10.0.0.1"), at("10.0.0.2")]);
    table.remove([at("10.0.0.1")]);
    expect([table.conflicts([at("10.0.0.1")]), table.conflicts([at("10.0.0.2")])]).toEqual([false, true]);
  });
});
