import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeCredentials } from "./node-credentials.ts";

let root: string;
let warnings: object[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "podbus-credentials-"));
  warnings = [];
});
afterEach(() => rm(root, { recursive: true }));

const at = (path: string) => join(root, path);
async function write(path: string, content: object | string): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), typeof content === "string" ? content : JSON.stringify(content));
}
const entries = (username: string) => ({ "r.example": { username, password: "secret" } });
async function found(): Promise<readonly string[]> {
  const log = { warn: (line: object) => void warnings.push(line) };
  const options = { stateDir: at("state"), workingDir: at("work"), homeDir: at("home") };
  const credentials = new NodeCredentials({ ...options, log: log as never });
  return (await credentials.credentialsFor("r.example/app")).map(({ username }) => username);
}

describe("credentials on the node", () => {
  it("are those of the first file there is, the old form after all others", async () => {
    expect(await found()).toEqual([]);
    const order: readonly (readonly [string, object])[] = [
      ["home/.dockercfg", entries("home, old")],
      ["work/.dockercfg", entries("work, old")],
      ["state/.dockercfg", entries("state, old")],
      ["home/.docker/config.json", { auths: entries("home") }],
      ["work/config.json", { auths: entries("work") }],
      ["state/config.json", { auths: entries("state") }],
    ];
    for (const [path, content] of order) {
      await write(path, content);
      expect(await found()).toEqual([nameOf(content)]);
    }
    expect(warnings).toEqual([]);
  });

  it("are read anew for each pull", async () => {
    await write("state/config.json", { auths: entries("before") });
    expect(await found()).toEqual(["before"]);
    await write("state/config.json", { auths: entries("after") });
    expect(await found()).toEqual(["after"]);
  });

  it("pass over a file that is none, and an entry that is none, without telling what is in it", async () => {
    await write("state/config.json", "secret");
    await write("work/config.json", { auths: { ...entries("work"), "q.example": { auth: "c2VjcmV0" } } });
    expect(await found()).toEqual(["work"]);
    expect(warnings).toEqual([
      { file: at("state/config.json") },
      { file: at("work/config.json"), places: ["q.example"] },
    ]);
  });
});

function nameOf(content: object): string {
  const { "r.example": entry } = ("auths" in content ? content.auths : content) as ReturnType<typeof entries>;
  return entry.username;
}
