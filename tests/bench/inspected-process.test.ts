import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "@podbus/testkit";
import { expect, test } from "vitest";
import { InspectedProcess, inspectableAt } from "./inspected-process.ts";

/** Makes as much as it is told, and keeps it or not. */
const script = `
  const kept = [];
  process.on("message", ({ mib, keep }) => {
    for (let n = 0; n < mib; n += 1) {
      const made = [Array.from({ length: 2 ** 16 }, (_, i) => i + 0.5), Buffer.alloc(2 ** 19)];
      if (keep) kept.push(made);
    }
    process.send("made");
  });
  process.send("ready");
`;

test("of another process, what it keeps is measured, without its garbage", async () => {
  const port = await freePort();
  const child = spawn(process.execPath, ["-e", script], {
    env: { ...process.env, ...inspectableAt(port) },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  try {
    await once(child, "message");
    using inspected = await InspectedProcess.open(child.pid ?? 0, port);
    const make = async (mib: number, keep: boolean) => {
      child.send({ mib, keep });
      await once(child, "message");
      return inspected.keptMib();
    };
    const before = await inspected.keptMib();
    expect((await make(32, false)) - before).toBeLessThan(1);
    // Half of it in objects, half in buffers.
    const growth = (await make(16, true)) - before;
    expect(growth).toBeGreaterThan(15);
    expect(growth).toBeLessThan(18);
  } finally {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }
  await expect(InspectedProcess.open(child.pid ?? 0, port)).rejects.toThrow("ESRCH");
});
