export * from "./fake-cri/index.ts";
