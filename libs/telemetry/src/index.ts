export type { Logger } from "pino";
export { createLogger, type LoggerOptions } from "./logger.ts";
export { contextOf, contextWithTraceparent, type SpanOptions, traceparentOf, withSpan } from "./spans.ts";
export { createTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
