import { durationMs, type NodeServiceDefinition, runService } from "@podbus/service";
import { z } from "zod";

/** A service that a test runs as a process; SAMPLE_FAULT names how it misbehaves. */
const sampleConfig = z.object({
  SAMPLE_PERIOD: durationMs.default(1_000),
  SAMPLE_FAULT: z.enum(["none", "rejection", "start", "stuck"]).default("none"),
});

const sample: NodeServiceDefinition<z.output<typeof sampleConfig>> = {
  name: "sample",
  scope: "node",
  configSchema: sampleConfig,
  start: async ({ log }, config) => {
    if (config.SAMPLE_FAULT === "start") throw new Error("the disk is gone");
    if (config.SAMPLE_FAULT === "rejection") setTimeout(() => Promise.reject(new Error("forgotten")), 10);
    return {
      [Symbol.asyncDispose]: async () => {
        log.info("disposed the sample");
        if (config.SAMPLE_FAULT === "stuck") await new Promise(() => {});
      },
    };
  },
};

await runService(sample);
