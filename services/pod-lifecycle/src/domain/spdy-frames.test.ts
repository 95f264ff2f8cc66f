import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { dataFrame, headerBlock, headerDictionary, parseFrames, pingFrame, synStreamFrame } from "./spdy-frames.ts";

test("the dictionary is the protocol's: zlib writes its checksum", () => {
  const head = deflateSync(Buffer.from("x"), { dictionary: headerDictionary });
  expect(head.subarray(2, 6).toString("hex")).toBe("e3c6a7c2");
});

test("frames are read as they are written, in whatever pieces they come", () => {
  const bytes = Buffer.concat([
    dataFrame(5, Buffer.from("hello"), false),
    pingFrame(2),
    dataFrame(5, Buffer.alloc(0), true),
  ]);
  const seen: object[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for (const byte of bytes) {
    const [frames, left] = parseFrames(Buffer.concat([rest, Buffer.from([byte])]));
    seen.push(...frames);
    rest = left;
  }
  expect(seen).toEqual([
    { kind: "data", streamId: 5, last: false, data: Buffer.from("hello") },
    { kind: "ping", id: 2 },
    { kind: "data", streamId: 5, last: true, data: Buffer.alloc(0) },
  ]);
  expect(rest.length).toBe(0);
});

test("opening a stream is a control frame with its headers", () => {
  const headers = headerBlock({ streamtype: "stdin" });
  expect(headers.toString("latin1")).toBe("\0\0\0\x01\0\0\0\x0astreamtype\0\0\0\x05stdin");
  const frame = synStreamFrame(3, headers);
  expect(frame.subarray(0, 8).toString("hex")).toBe(`8003000100${(10 + headers.length).toString(16).padStart(6, "0")}`);
  expect(parseFrames(frame)[0]).toEqual([{ kind: "other" }]);
});
