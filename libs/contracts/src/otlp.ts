export * from "./gen/opentelemetry/otlp_pb.ts";
