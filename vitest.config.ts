import { defineConfig } from "vitest/config";

/** Each project names what it needs: `unit` only Node, `integration` a real nats-server or containerd, the rest everything. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          // Unit tests change nothing global, so files may share a process and what it has loaded: four times as fast.
          isolate: false,
          // A machine that is busy with other work is no fault: what hangs still ends.
          testTimeout: 30_000,
          include: [
            "{libs,services}/*/{src,tests}/**/*.test.ts",
            "cli/{src,tests}/**/*.test.ts",
            "scripts/**/*.test.ts",
            "tests/{bench,rules}/**/*.test.ts",
          ],
          exclude: ["**/*.integration.test.ts"],
        },
      },
      {
        test: {
          name: "integration",
          include: [
            "{libs,services}/*/{src,tests}/**/*.integration.test.ts",
            "cli/{src,tests}/**/*.integration.test.ts",
          ],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: "contract", include: ["tests/contract/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/{integration,e2e}/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "chaos",
          include: ["tests/chaos/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "compose",
          include: ["tests/compose/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
