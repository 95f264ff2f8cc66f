export * from "./gen/containerd/services/content/v1/content_pb.ts";
