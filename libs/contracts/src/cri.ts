export * from "./gen/cri/runtime/v1/api_pb.ts";
