import { describe, expect, it } from "vitest";
import {
  chooseExecProtocol,
  type ExecInput,
  type ExecProtocol,
  exitStatus,
  frame,
  parseExecInput,
} from "./exec-channels.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (channel: number, value: string) => frame(channel, new TextEncoder().encode(value));

const inputs: Record<string, [ExecProtocol, Uint8Array, ExecInput]> = {
  "stdin data": ["v5.channel.k8s.io", bytes(0, 104, 105), { kind: "stdin", data: bytes(104, 105) }],
  "an empty stdin frame opens the channel and means nothing": ["v5.channel.k8s.io", bytes(0), { kind: "ignored" }],
  "a new size": ["v4.channel.k8s.io", text(4, '{"Width":80,"Height":24}'), { kind: "resize", width: 80, height: 24 }],
  "a size of nothing": ["v4.channel.k8s.io", text(4, '{"Width":0,"Height":24}'), { kind: "ignored" }],
  "a size that is not JSON": ["v4.channel.k8s.io", text(4, "80x24"), { kind: "ignored" }],
  "v5 closes stdin": ["v5.channel.k8s.io", bytes(255, 0), { kind: "end" }],
  "v5 closes another stream": ["v5.channel.k8s.io", bytes(255, 1), { kind: "ignored" }],
  "v4 has no close": ["v4.channel.k8s.io", bytes(255, 0), { kind: "ignored" }],
  "an unknown channel": ["v5.channel.k8s.io", bytes(9, 1), { kind: "ignored" }],
  "nothing at all": ["v5.channel.k8s.io", bytes(), { kind: "ignored" }],
};

describe("exec channels", () => {
  it.each(Object.entries(inputs))("%s", (_name, [protocol, message, expected]) => {
    expect(parseExecInput(protocol, message)).toEqual(expected);
  });

  it("prefers v5, takes v4, and nothing else", () => {
    expect(chooseExecProtocol(["v4.channel.k8s.io", "v5.channel.k8s.io"])).toBe("v5.channel.k8s.io");
    expect(chooseExecProtocol(["channel.k8s.io", "v4.channel.k8s.io"])).toBe("v4.channel.k8s.io");
    expect(chooseExecProtocol(["channel.k8s.io"])).toBeUndefined();
  });

  it("ends as Kubernetes does", () => {
    expect(exitStatus(0, "")).toEqual({ metadata: {}, status: "Success" });
    expect(exitStatus(3, "")).toMatchObject({
      status: "Failure",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
    expect(exitStatus(0, "no such file")).toMatchObject({ reason: "InternalError", code: 500 });
  });
});
