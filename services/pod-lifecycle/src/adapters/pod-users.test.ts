import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { LocalPodUsers } from "./pod-users.ts";

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "pod-users-"));
});
afterEach(() => rm(stateDir, { recursive: true }));

const users = () => new LocalPodUsers({ stateDir, runDir: "" });
const isolated = (uid: string) => pod({ hostUsers: false }, { metadata: { uid } });

describe("ranges of ids", () => {
  it("are none for a pod with the host's users", async () => {
    expect(await users().ensure(pod())).toBeUndefined();
  });

  it("differ, stay the same, and outlive the process", async () => {
    const first = users();
    const given = await Promise.all(["a", "b", "c"].map((uid) => first.ensure(isolated(uid))));
    expect(given).toEqual([{ hostId: 65_536 }, { hostId: 131_072 }, { hostId: 196_608 }]);
    expect(await first.ensure(isolated("b"))).toEqual({ hostId: 131_072 });
    const second = users();
    expect(await second.ensure(isolated("d"))).toEqual({ hostId: 262_144 });
    expect(await second.ensure(isolated("a"))).toEqual({ hostId: 65_536 });
  });

  it("are free again when the pod's files are gone", async () => {
    const ranges = users();
    await ranges.ensure(isolated("a"));
    await rm(join(stateDir, "pods/a"), { recursive: true });
    await ranges.release(isolated("a"));
    expect(await ranges.ensure(isolated("b"))).toEqual({ hostId: 65_536 });
  });

  it("are not given out while it is not known which are taken", async () => {
    await mkdir(join(stateDir, "pods/a"), { recursive: true });
    await writeFile(join(stateDir, "pods/a/userns"), "{");
    const ranges = users();
    await expect(ranges.ensure(isolated("b"))).rejects.toThrow(/pods\/a\/userns does not say which ids its pod has/);
    await rm(join(stateDir, "pods/a/userns"));
    expect(await ranges.ensure(isolated("b"))).toEqual({ hostId: 65_536 });
  });

  it("are not kept by a pod whose file cannot be written", async () => {
    await mkdir(join(stateDir, "pods"));
    await writeFile(join(stateDir, "pods/a"), "in the way");
    const ranges = users();
    await expect(ranges.ensure(isolated("a"))).rejects.toThrow("ENOTDIR");
    await rm(join(stateDir, "pods/a"));
    expect(await ranges.ensure(isolated("b"))).toEqual({ hostId: 65_536 });
  });
});
