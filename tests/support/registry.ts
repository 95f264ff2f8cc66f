import { buildBusyboxImage } from "@podbus/images";
import { startRegistry, type TestRegistry } from "@podbus/testkit";

export interface RegistryWithBusybox extends TestRegistry {
  /** The name of a busybox that is there from the beginning. */
  readonly busybox: string;
}

/** A real docker-registry with a busybox image in it. */
export async function startRegistryWithBusybox(): Promise<RegistryWithBusybox> {
  const registry = await startRegistry();
  const { name } = await registry.push(await buildBusyboxImage(), "podbus/busybox:1");
  return { ...registry, busybox: name };
}
