export type { Disturbance, RecordedCall } from "./call-script.ts";
export { type ExecHandler, type ExecResult, FakeCri } from "./fake-cri.ts";
export type { FakeImageOptions } from "./fake-images.ts";
export type { FakeContainer, FakeSandbox } from "./fake-pods.ts";
export { runningContainer } from "./running-container.ts";
