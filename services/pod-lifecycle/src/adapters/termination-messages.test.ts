import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { ContainerStatusSchema } from "@podbus/contracts/cri";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runtimeAnnotations } from "../domain/runtime-labels.ts";
import { readTerminationMessage } from "./termination-messages.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-messages-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test.each([
  ["nothing", "", ""],
  ["a short one", "bye\n", "bye\n"],
  ["the end of a long one", `start${"x".repeat(4096)}`, "x".repeat(4096)],
  ["whole characters", `€${"x".repeat(4094)}`, "x".repeat(4094)],
])("reads %s", async (name, content, message) => {
  const hostPath = join(directory, name);
  await writeFile(hostPath, content);
  const status = create(ContainerStatusSchema, {
    annotations: { [runtimeAnnotations.terminationMessagePath]: "/dev/termination-log" },
    mounts: [{ containerPath: "/dev/termination-log", hostPath }],
  });
  expect(await readTerminationMessage(status)).toBe(message);
});
