import type { CallContext } from "@podbus/bus";
import type { CreatePodTokenRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { KubeObject, ServiceAccount } from "@podbus/kube";
import { audiencesOf, tokenLifetimeSeconds } from "../domain/access/pod-token.ts";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";
import { findOwnPod } from "./own-pod.ts";

/** NodeApi.CreatePodToken: a token for a pod of the node, bound to the pod, for an audience that the pod asks for. */
export async function createPodToken(
  { store, tokens }: Pick<GatewayPorts, "store" | "tokens">,
  { pod: ref, audience, expirationSeconds }: CreatePodTokenRequest,
  { node }: CallContext,
): Promise<{ token: string; expiresAtMs: bigint }> {
  const lifetimeSeconds = checkedLifetime(expirationSeconds);
  const { value: pod, key } = await findOwnPod(store, ref, node);
  if (!audiencesOf(pod).has(audience)) {
    const message = `pod ${key.namespace}/${key.name} asks for no token for the audience ${JSON.stringify(audience)}`;
    throw new PodbusError({ code: "PERMISSION_DENIED", reason: "Forbidden", message });
  }
  if (!tokens) {
    const message = "the API server has no key to sign tokens with (PODBUS_API_SERVICE_ACCOUNT_KEY)";
    throw new PodbusError({ code: "FAILED_PRECONDITION", message });
  }
  const name = pod.spec.serviceAccountName ?? "";
  const accountKey = { resource: "serviceaccounts", namespace: key.namespace, name };
  const account = store.cache.get<ServiceAccount>(accountKey) ?? (await readFresh<ServiceAccount>(store, accountKey));
  if (!account) {
    const message = `serviceaccounts ${JSON.stringify(name)} not found`;
    throw new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message });
  }
  const nodeUid = store.cache.get<KubeObject>({ resource: "nodes", namespace: "", name: node })?.value.metadata.uid;
  const subject = {
    account: account.value,
    pod,
    node: { name: node, ...(nodeUid === undefined ? {} : { uid: nodeUid }) },
  };
  const { token, expiresMs } = await tokens.sign(subject, {
    audiences: audience === "" ? [] : [audience],
    lifetimeSeconds,
  });
  return { token, expiresAtMs: BigInt(expiresMs) };
}

function checkedLifetime(seconds: bigint): number {
  const { least, most } = tokenLifetimeSeconds;
  if (seconds >= least && seconds <= most) return Number(seconds);
  const message = `expiration_seconds must be from ${least} to ${most}, not ${seconds}`;
  throw new PodbusError({ code: "INVALID_ARGUMENT", message });
}
