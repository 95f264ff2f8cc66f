import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The sample service as a process; `ended` has its exit code and all it printed. */
export interface SampleProcess extends Disposable {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  output(): string;
}

export function spawnSample(env: Record<string, string>): SampleProcess {
  const script = fileURLToPath(new URL("./sample-service.ts", import.meta.url));
  const child = spawn(process.execPath, [script], { env: { PATH: process.env.PATH, ...env }, stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended, output: () => stdout, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}
