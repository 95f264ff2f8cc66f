export { type AdminConnection, connectAsAdmin, requireInstance } from "./admin.ts";
export type { InitOptions, UpOptions } from "./arguments.ts";
export { init } from "./commands/init.ts";
export { getJson, type KubeAccess, readKubeAccess } from "./kube-client.ts";
export { removeContainerd, startContainerd } from "./machine/containerd.ts";
export { type Layout, layoutOf } from "./machine/layout.ts";
export { removeMachineState } from "./machine/remove-machine-state.ts";
export { type ChildSpec, type SupervisedChild, superviseChild } from "./machine/supervised-child.ts";
export { ensureTmpfs } from "./machine/tmpfs.ts";
