import { toPodbusError } from "@podbus/errors";
import type { BootRecord } from "../adapters/boot-record.ts";
import type { NodeServices } from "../ports.ts";

type Services = Pick<NodeServices, "node" | "events" | "cgroups">;

export interface Boot {
  /** Of the machine's kernel, new with each boot. */
  readonly id: string;
  readonly record: BootRecord;
}

/** What a node does and says when it starts. kubelet: BirthCry, nodestatus/setters.go, cm/node_container_manager_linux.go. */
export async function announceNode(services: Services, boot: Boot): Promise<void> {
  services.events.recordOfNode({ type: "Normal", reason: "Starting", message: "Starting kubelet." });
  await Promise.all([tellOfReboot(services, boot), enforceAllocatable(services)]);
}

async function tellOfReboot({ node, events }: Services, { id, record }: Boot): Promise<void> {
  if (await record.isAnother(id)) {
    const message = `Node ${node.name} has been rebooted, boot id: ${id}`;
    events.recordOfNode({ type: "Warning", reason: "Rebooted", message });
  }
  await record.note(id);
}

async function enforceAllocatable({ node, events, cgroups }: Services): Promise<void> {
  try {
    await cgroups.enforce(node.allocatable);
    const message = "Updated Node Allocatable limit across pods";
    events.recordOfNode({ type: "Normal", reason: "NodeAllocatableEnforced", message });
  } catch (thrown) {
    const message = `Failed to update Node Allocatable Limits "${node.cgroupRoot}": ${toPodbusError(thrown).message}`;
    events.recordOfNode({ type: "Warning", reason: "FailedNodeAllocatableEnforcement", message });
  }
}
