import { describe, expect, it } from "vitest";
import { parseDockerConfigJson, parseDockercfg } from "./docker-config.ts";

const auth = (text: string) => Buffer.from(text).toString("base64");
const entriesOf = (entry: unknown) => {
  const config = parseDockerConfigJson(JSON.stringify({ auths: { "r.example": entry } }));
  return config && { found: config.entries.get("r.example"), unusable: config.unusable };
};

describe("a docker configuration", () => {
  it.each<[string, unknown, object | undefined]>([
    ["auth is user and password", { auth: auth("jane:secret") }, { username: "jane", password: "secret" }],
    ["a password may hold colons", { auth: auth("jane:a:b") }, { username: "jane", password: "a:b" }],
    ["docker pads with zeros", { auth: auth("jane:secret\0\0") }, { username: "jane", password: "secret" }],
    [
      "auth goes before the fields",
      { auth: auth("a:b"), username: "x", password: "y" },
      { username: "a", password: "b" },
    ],
    [
      "without auth the fields count",
      { username: "jane", password: "secret", auth: "" },
      { username: "jane", password: "secret" },
    ],
    [
      "a token beside them",
      { username: "<token>", identitytoken: "t" },
      { username: "<token>", password: "", identityToken: "t" },
    ],
    [
      "fields that are not known are passed over",
      { auth: auth("a:b"), email: "x", more: {} },
      { username: "a", password: "b" },
    ],
    ["nothing is an empty credential", {}, { username: "", password: "" }],
    ["auth that is no base64 is none", { auth: "!!" }, undefined],
    ["auth without a colon is none", { auth: auth("jane") }, undefined],
    ["a number is none", { username: 7 }, undefined],
    ["a text is none", "secret", undefined],
  ])("%s", (_sentence, entry, expected) => {
    expect(entriesOf(entry)).toEqual({ found: expected, unusable: expected ? [] : ["r.example"] });
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["nothing", "null"],
    ["auths that are a list", '{"auths":[]}'],
    ["no auths", '{"credsStore":"x"}'],
  ])("%s is none", (_sentence, text) => {
    expect(parseDockerConfigJson(text)).toBeUndefined();
  });

  it("in the old form has the places at the top", () => {
    const config = parseDockercfg(JSON.stringify({ "https://r.example/v1/": { auth: auth("a:b") } }));
    expect([...(config?.entries ?? [])]).toEqual([["https://r.example/v1/", { username: "a", password: "b" }]]);
    expect(parseDockercfg("[]")).toBeUndefined();
  });
});
