import { describe, expect, it } from "vitest";
import {
  bytesOf,
  type Ingest,
  type ManifestLabels,
  manifestOf,
  type SoughtPull,
  tenthsOf,
} from "./download-progress.ts";

const pull: SoughtPull = { startedAtMs: 10_000, digest: undefined };
const app1: ManifestLabels = { digest: "sha256:m1", layerDigests: ["sha256:base", "sha256:one"] };
const app2: ManifestLabels = { digest: "sha256:m2", layerDigests: ["sha256:base", "sha256:two"] };
const arriving = (digest: string, more: Partial<Ingest> = {}): Ingest => ({
  digest,
  doneBytes: 1n,
  updatedAtMs: 11_000,
  ...more,
});

describe("manifestOf", () => {
  const table: [string, Partial<SoughtPull>, ManifestLabels[], Ingest[], ManifestLabels | undefined][] = [
    ["the one with a layer on its way", {}, [app1, app2], [arriving("sha256:two")], app2],
    ["none before a layer is on its way", {}, [app1], [], undefined],
    ["none where a layer belongs to two", {}, [app1, app2], [arriving("sha256:base")], undefined],
    ["none for the layers of another repository", {}, [app1], [arriving("sha256:other")], undefined],
    [
      "none for a download that was given up earlier",
      {},
      [app1],
      [arriving("sha256:one", { updatedAtMs: 8_000 })],
      undefined,
    ],
    ["the one that the pod names, whatever is on its way", { digest: "sha256:m1" }, [app1, app2], [], app1],
    [
      "by its layers where the pod names an index",
      { digest: "sha256:i" },
      [app1, app2],
      [arriving("sha256:one")],
      app1,
    ],
  ];
  it.each(table)("%s", (_sentence, mutation, candidates, ingests, expected) => {
    expect(manifestOf({ ...pull, ...mutation }, candidates, ingests)).toBe(expected);
  });
});

describe("bytesOf", () => {
  const layers = [
    { digest: "a", sizeBytes: 100n },
    { digest: "b", sizeBytes: 50n },
  ];
  const table: [string, string[], Ingest[], { done: bigint; total: bigint }][] = [
    ["nothing here yet", [], [], { done: 0n, total: 150n }],
    ["a layer here, one on its way", ["a"], [arriving("b", { doneBytes: 20n })], { done: 120n, total: 150n }],
    ["never more than a layer has", [], [arriving("b", { doneBytes: 70n })], { done: 50n, total: 150n }],
    ["all here", ["a", "b"], [], { done: 150n, total: 150n }],
  ];
  it.each(table)("%s", (_sentence, here, ingests, expected) => {
    expect(bytesOf(layers, new Set(here), ingests)).toEqual(expected);
  });

  it("counts a layer that comes twice once", () => {
    expect(bytesOf([...layers, ...layers], new Set(), [])).toEqual({ done: 0n, total: 150n });
  });
});

it.each([
  [0n, 0n, undefined],
  [0n, 10n, 0],
  [99n, 100n, 9],
  [100n, 100n, 10],
])("tenths of %d of %d are %j", (done, total, expected) => {
  expect(tenthsOf({ done, total })).toBe(expected);
});
