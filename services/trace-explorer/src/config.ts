import { integer } from "@podbus/service";
import { z } from "zod";

const loopback = "127.0.0.1:4318";

/** "host:port"; "none" for no receiver. */
const address = z
  .string()
  .default(loopback)
  .transform((text, context) => {
    if (text === "none") return undefined;
    const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
    if (host !== undefined && Number(port) <= 65_535)
      return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
    context.addIssue({ code: "custom", message: `must be "host:port" or "none", as ${loopback}` });
    return z.NEVER;
  });

export const traceExplorerConfig = z
  .object({
    PODBUS_OTLP_ADDRESS: address,
    PODBUS_TRACES_MAX: integer({ min: 1, max: 100_000 }).default(1_000),
    PODBUS_STATE_DIR: z.string().min(1).default("/var/lib/podbus"),
  })
  .transform((env) => ({
    otlpAddress: env.PODBUS_OTLP_ADDRESS,
    maxTraces: env.PODBUS_TRACES_MAX,
    directory: `${env.PODBUS_STATE_DIR}/traces`,
  }));

export type TraceExplorerConfig = z.infer<typeof traceExplorerConfig>;
