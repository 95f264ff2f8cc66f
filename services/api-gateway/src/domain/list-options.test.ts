import { describe, expect, it } from "vitest";
import {
  decideListRevision,
  decideWatchStart,
  parseListOptions,
  type RevisionWanted,
  type WatchStart,
} from "./list-options.ts";

const parse = (query: string) => parseListOptions(new URLSearchParams(query));

const lists: Record<string, [string, Partial<RevisionWanted>]> = {
  "unset is the newest": ["", { kind: "latest" }],
  "0 is whatever is at hand": ["resourceVersion=0", { kind: "any" }],
  "a version is a floor": ["resourceVersion=7", { kind: "not-older-than", revision: 7 }],
  "NotOlderThan is the same": [
    "resourceVersion=7&resourceVersionMatch=NotOlderThan",
    { kind: "not-older-than", revision: 7 },
  ],
  Exact: ["resourceVersion=7&resourceVersionMatch=Exact", { kind: "exact", revision: 7 }],
  "a page at a version is one of that version": ["resourceVersion=7&limit=2", { kind: "exact", revision: 7 }],
  "a match in the middle of a list": [
    "continue=x&resourceVersion=7&resourceVersionMatch=Exact",
    { kind: "invalid", field: "resourceVersionMatch" },
  ],
  "Exact 0 makes no sense": ["resourceVersion=0&resourceVersionMatch=Exact", { kind: "invalid" }],
  "a match without a version": ["resourceVersionMatch=Exact", { kind: "invalid", field: "resourceVersionMatch" }],
  "an unknown match": ["resourceVersion=7&resourceVersionMatch=Roughly", { kind: "invalid" }],
  "a version that is no number": ["resourceVersion=abc", { kind: "invalid", field: "resourceVersion" }],
};

const watches: Record<string, [string, Partial<WatchStart>]> = {
  "unset begins with the newest objects": [
    "watch=1",
    { kind: "initial", revision: { kind: "latest" }, endBookmark: false },
  ],
  "0 begins with what is at hand": [
    "resourceVersion=0",
    { kind: "initial", revision: { kind: "any" }, endBookmark: false },
  ],
  "a version begins after it": ["resourceVersion=7", { kind: "after", revision: 7 }],
  "a streaming list ends with a bookmark": [
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
    { kind: "initial", revision: { kind: "latest" }, endBookmark: true },
  ],
  "a streaming list at a version": [
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=7",
    { kind: "initial", revision: { kind: "not-older-than", revision: 7 }, endBookmark: true },
  ],
  "initial events without the match": ["sendInitialEvents=true", { kind: "invalid", field: "resourceVersionMatch" }],
  "no initial events from a version": [
    "sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=7",
    { kind: "after", revision: 7 },
  ],
  "a match without initial events": ["resourceVersion=7&resourceVersionMatch=NotOlderThan", { kind: "invalid" }],
  "a version that is no number": ["resourceVersion=abc", { kind: "invalid", field: "resourceVersion" }],
};

describe("list options", () => {
  it.each(Object.entries(lists))("list: %s", (_name, [query, expected]) => {
    expect(decideListRevision(parse(query))).toMatchObject(expected);
  });

  it.each(Object.entries(watches))("watch: %s", (_name, [query, expected]) => {
    expect(decideWatchStart(parse(query))).toMatchObject(expected);
  });

  it("a timeout of zero is none", () => {
    const seconds = ["timeoutSeconds=5", "timeoutSeconds=0", ""].map((query) => parse(query).timeoutSeconds);
    expect(seconds).toEqual([5, undefined, undefined]);
  });

  it.each(["timeoutSeconds=x", "limit=1.5", "limit=many"])("%s is refused", (query) => {
    const [, text] = query.split("=");
    expect(() => parse(query)).toThrow(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  });
});
