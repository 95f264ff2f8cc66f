import { randomUUID } from "node:crypto";
import type { CallContext } from "@podbus/bus";
import type { CreateMirrorPodRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { annotations, formatTime, isMirrorPod, type KubeObject, type Pod, pods, trackUpdate } from "@podbus/kube";
import { bear } from "../domain/object-metadata.ts";
import { admitObject } from "../objects/admit-object.ts";
import { checkNamespace } from "../objects/check-namespace.ts";
import { checkObjectSize } from "../objects/check-object-size.ts";
import { objectKey, podKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import { describeStoreError } from "../objects/store-errors.ts";
import type { GatewayPorts } from "../ports.ts";
import { parseJson } from "./parse-json.ts";

/** NodeApi.CreateMirrorPod. kubelet: pkg/kubelet/pod/mirror_client.go; the checks are NodeRestriction's (admitPodCreate). */
export async function createMirrorPod(
  ports: GatewayPorts,
  { podJson }: CreateMirrorPodRequest,
  { node, caller }: CallContext,
): Promise<object> {
  const given = checkMirror(parseJson<Pod>(podJson, "pod_json"), node);
  const { namespace = "", name } = given.metadata;
  checkObjectSize(given);
  await checkNamespace(ports.store, pods, namespace, name);
  if (await isShown(ports, given)) return {};
  const owner = await nodeReference(ports, node);
  const born: Pod = bear<Pod>(
    { ...given, metadata: { ...given.metadata, ownerReferences: [owner] } },
    {
      namespace,
      uid: randomUUID(),
      creationTimestamp: formatTime(ports.clock.now()),
      nameSuffix: "",
      traceparent: undefined,
    },
  );
  const prepared = pods.prepareForCreate(pods.defaults(born));
  const manager = { name: caller, operation: "Update", subresource: "" } as const;
  const object = trackUpdate(pods, { next: prepared }, { manager, nowMs: ports.clock.now() });
  const admitted = await admitObject(ports, { resource: pods, object, user: `system:node:${node}` });
  try {
    await ports.store.create(objectKey(pods, namespace, name), pods.toStored(admitted.object as Pod));
  } catch (error) {
    if (!(await isShown(ports, given))) throw describeStoreError(error, pods, name);
  }
  return {};
}

function checkMirror(pod: Pod, node: string): Pod {
  const { metadata, spec } = pod;
  const refuse = (problem: string) =>
    new PodbusError({ code: "PERMISSION_DENIED", reason: "Forbidden", message: problem });
  if (!metadata?.name || !metadata.namespace) {
    throw new PodbusError({ code: "INVALID_ARGUMENT", message: "pod_json: name and namespace are required" });
  }
  if (!isMirrorPod(pod)) {
    throw refuse(
      `pod does not have ${JSON.stringify(annotations.configMirror)} annotation, node ${JSON.stringify(node)} can only create mirror pods`,
    );
  }
  if (spec.nodeName !== node) {
    throw refuse(`node ${JSON.stringify(node)} can only create pods with spec.nodeName set to itself`);
  }
  return pod;
}

/** Whether the mirror is there already: the call may come twice. */
async function isShown({ store }: GatewayPorts, { metadata, spec }: Pod): Promise<boolean> {
  const found = await readFresh<Pod>(store, podKey(metadata.namespace ?? "", metadata.name));
  const mirrored = ({ annotations: held }: KubeObject["metadata"]) => held?.[annotations.configMirror];
  if (!found || found.value.spec.nodeName !== spec.nodeName) return false;
  return mirrored(found.value.metadata) === mirrored(metadata);
}

async function nodeReference({ store }: GatewayPorts, name: string) {
  const node = await readFresh<KubeObject>(store, { resource: "nodes", namespace: "", name });
  if (node) return { apiVersion: "v1", kind: "Node", name, uid: node.value.metadata.uid ?? "", controller: true };
  const message = `node ${JSON.stringify(name)} is not registered yet`;
  throw new PodbusError({ code: "FAILED_PRECONDITION", message });
}
