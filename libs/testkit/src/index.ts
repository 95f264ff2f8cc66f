export { accepts } from "./child-server.ts";
export { type ContainerdOptions, startContainerd, type TestContainerd } from "./containerd.ts";
export { type EventuallyOptions, eventually, eventuallyPasses } from "./eventually.ts";
export * from "./fake-cri/index.ts";
export { freePort } from "./free-port.ts";
export { type MemoryTracer, memoryTracer, serviceOf } from "./memory-tracer.ts";
export { type NatsServerOptions, startNats, type TestNatsServer } from "./nats-server.ts";
export { type RealContainer, startRealContainer } from "./real-container.ts";
export { startRegistry, type TestRegistry } from "./registry.ts";
