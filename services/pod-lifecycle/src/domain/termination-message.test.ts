import type { ContainerState, ContainerStatus } from "@podbus/kube";
import { describe, expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import { clipMessage, logTail, shareMessages } from "./termination-message.ts";

describe("the message that a container left", () => {
  const a = (bytes: number) => "a".repeat(bytes);
  test.each([
    ["short", "bye", "bye"],
    ["as long as may be", a(4096), a(4096)],
    ["longer: its end", `start ${a(4096)}`, a(4096)],
    ["longer, a character in the way: from the next one on", `€${a(4094)}`, a(4094)],
    ["no text at all: as it is", Buffer.alloc(5000, 0x80), "\ufffd".repeat(4093)],
  ])("%s", (_, content, message) => expect(clipMessage(Buffer.from(content))).toBe(message));

  test("of its log: 80 lines and 2 KiB at most", () => {
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at}\n`);
    expect(logTail(lines)).toBe(lines.slice(20).join(""));
    expect(logTail(["€", a(2046)])).toBe(a(2046));
  });
});

describe("the messages of a pod's containers", () => {
  const ended = (message: string): ContainerState => ({ terminated: { exitCode: 1, message } });
  const status = (name: string, message: string): ContainerStatus => ({
    name,
    state: ended(message),
    lastState: ended(message),
    ready: false,
    restartCount: 1,
    image: "",
    imageID: "",
  });
  const containers = (count: number) => Array.from({ length: count }, (_, at) => container(`c${at}`));
  const long = "m".repeat(4096);
  const lengths = (statuses: readonly ContainerStatus[] | undefined) =>
    statuses?.map(({ state, lastState }) => [
      state?.terminated?.message?.length,
      lastState?.terminated?.message?.length,
    ]);

  test.each([
    [1, 4096],
    [3, 4096],
    [4, 3072],
    [12, 1024],
  ])("of %i containers are whole or have %i bytes each", (count, bytes) => {
    const all = containers(count);
    const given = { containerStatuses: all.map(({ name }) => status(name, long)) };
    expect(lengths(shareMessages(pod({ containers: all }), given).containerStatuses)).toEqual(
      all.map(() => [bytes, bytes]),
    );
  });

  test("init and ephemeral containers count, and are limited too", () => {
    const spec = { initContainers: containers(2), containers: containers(2), ephemeralContainers: containers(2) };
    const limited = shareMessages(pod(spec), {
      initContainerStatuses: [status("c0", long)],
      containerStatuses: [status("c0", "short"), status("c1", `${"m".repeat(2047)}€`)],
      ephemeralContainerStatuses: [status("c0", long)],
    });
    expect(lengths(limited.initContainerStatuses)).toEqual([[2048, 2048]]);
    expect(lengths(limited.ephemeralContainerStatuses)).toEqual([[2048, 2048]]);
    expect(lengths(limited.containerStatuses)).toEqual([
      [5, 5],
      [2047, 2047],
    ]);
  });

  test("what runs or waits stays as it is", () => {
    const containerStatuses = [
      { ...status("c0", ""), state: { running: {} }, lastState: {} },
      { ...status("c1", ""), state: { waiting: { reason: "r", message: long.repeat(4) } } },
    ];
    expect(shareMessages(pod({}), { containerStatuses })).toEqual({ containerStatuses });
  });
});
