export { collectorSpanProcessor } from "./collector-span-processor.ts";
export { type TraceExplorerConfig, traceExplorerConfig } from "./config.ts";
export { traceExplorer, traceExplorerWith } from "./definition.ts";
export type { SpanRecord } from "./domain/span-record.ts";
export type { TreeSpan } from "./domain/span-tree.ts";
export { duration, type WaterfallOptions, waterfall } from "./domain/waterfall.ts";
export type { SpanSink } from "./ports.ts";
export { startTraceExplorer } from "./service.ts";
export { TraceStore, type TraceStoreOptions } from "./trace-store.ts";
