import { randomUUID } from "node:crypto";
import type { CallContext } from "@podbus/bus";
import type { RegisterNodeRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import {
  equalJson,
  findKind,
  formatTime,
  type KubeObject,
  type Node,
  type ResourceDefinition,
  statusInvalid,
} from "@podbus/kube";
import type { ObjectKey } from "@podbus/store";
import { mergeRegisteredNode } from "../domain/register-node.ts";
import { changeObject } from "../objects/change-object.ts";
import type { GatewayPorts } from "../ports.ts";
import { parseJson } from "./parse-json.ts";

/** NodeApi.RegisterNode. */
export async function registerNode(
  ports: Pick<GatewayPorts, "store" | "clock">,
  { nodeJson }: RegisterNodeRequest,
  { node: name }: CallContext,
): Promise<{ nodeJson: Uint8Array }> {
  const reported = parseJson<Node>(nodeJson, "node_json");
  if (reported.metadata?.name !== name) {
    const message = `node ${name} may not register a node called ${JSON.stringify(reported.metadata?.name)}`;
    throw new PodbusError({ code: "PERMISSION_DENIED", reason: "Forbidden", message });
  }
  const key = { resource: "nodes", namespace: "", name };
  const stored = (await update(ports, key, reported)) ?? (await create(ports, key, reported));
  return { nodeJson: Buffer.from(JSON.stringify(stored)) };
}

async function update(
  { store }: Pick<GatewayPorts, "store">,
  key: ObjectKey,
  reported: Node,
): Promise<Node | undefined> {
  const changed = await changeObject<Node>(store, key, ({ value }) => {
    const next = checked(mergeRegisteredNode(value, reported));
    return equalJson(next, value) ? { kind: "none" } : { kind: "update", value: next };
  });
  return changed?.object.value;
}

async function create(ports: Pick<GatewayPorts, "store" | "clock">, key: ObjectKey, reported: Node): Promise<Node> {
  const { labels, annotations } = reported.metadata;
  const node = checked({
    ...reported,
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: key.name,
      uid: randomUUID(),
      creationTimestamp: formatTime(ports.clock.now()),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
    },
  });
  try {
    return (await ports.store.create(key, node)).value;
  } catch (error) {
    // The same request twice, or two replicas: the other one's object is completed.
    if (!(error instanceof PodbusError && error.code === "ALREADY_EXISTS")) throw error;
    await ports.store.cache.waitForRevision(await ports.store.latestRevision());
    const updated = await update(ports, key, reported);
    if (!updated) throw error;
    return updated;
  }
}

function checked(node: Node): Node {
  const resource = findKind("", "v1", "Node") as unknown as ResourceDefinition<KubeObject> | undefined;
  if (!resource) throw new Error("the resource table has no Node");
  const complete = resource.defaults(node) as Node;
  const errors = resource.validate(complete);
  if (errors.length > 0) throw statusInvalid(resource, node.metadata.name, errors);
  return complete;
}
