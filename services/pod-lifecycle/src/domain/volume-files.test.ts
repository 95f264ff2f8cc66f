import { expect, test } from "vitest";
import { configMapFiles, safePath, secretFiles } from "./volume-files.ts";

const metadata = { name: "x" };
const configMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
  data: { a: "1", b: "2" },
  binaryData: { c: "/w==" },
};
const secret = { apiVersion: "v1", kind: "Secret", metadata, data: { a: Buffer.from("s").toString("base64") } };
const defaultMode = 0o644;

const show = (files: ReadonlyMap<string, { content: Buffer; mode: number }>) =>
  [...files].map(([path, { content, mode }]) => `${path}=${content.toString("hex")} ${mode.toString(8)}`);

test("every key becomes a file", () => {
  expect(show(configMapFiles(configMap, { defaultMode }))).toEqual(["a=31 644", "b=32 644", "c=ff 644"]);
  expect(show(secretFiles(secret, { defaultMode: 0o400 }))).toEqual(["a=73 400"]);
});

test("items choose keys, paths and modes", () => {
  const items = [{ key: "b", path: "dir/b.txt", mode: 0o600 }];
  expect(show(configMapFiles(configMap, { items, defaultMode }))).toEqual(["dir/b.txt=32 600"]);
});

test("a missing key fails, unless the volume is optional", () => {
  const items = [{ key: "nope", path: "x" }];
  expect(() => configMapFiles(configMap, { items, defaultMode })).toThrow(
    "configmap references non-existent config key: nope",
  );
  expect(() => secretFiles(secret, { items, defaultMode })).toThrow("references non-existent secret key: nope");
  expect(show(configMapFiles(configMap, { items, optional: true, defaultMode }))).toEqual([]);
});

test("an absent optional object gives no files", () => {
  expect(show(secretFiles(undefined, { optional: true, defaultMode }))).toEqual([]);
});

test.each([["/etc/passwd"], ["../x"], ["a/../../x"], [""]])("%j cannot leave the volume", (path) => {
  expect(() => safePath(path)).toThrow("invalid path");
});
