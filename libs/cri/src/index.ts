export {
  type ContainerdPaths,
  type ContainerdSettings,
  containerdPaths,
  renderCniConfig,
  renderContainerdConfig,
  renderPlainHttpHost,
  writeContainerdConfig,
} from "./containerd/containerd-config.ts";
export {
  type ContentCallOptions,
  type ContentStore,
  type ContentStoreOptions,
  createContentStore,
} from "./containerd/content-store.ts";
export { removeAllSandboxes, removeContainerdLeftovers } from "./containerd/remove-leftovers.ts";
export { waitUntilRuntimeReady } from "./containerd/wait-until-ready.ts";
export { type CriOptions, createCri } from "./create-cri.ts";
export type { Cri, CriCallOptions, RuntimeClient, UnaryMethods } from "./cri.ts";
