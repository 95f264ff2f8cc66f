import {
  decodeObject,
  type FieldError,
  fieldInvalid,
  formatTime,
  type KubeObject,
  type ServiceAccount,
  statusBadRequest,
  statusInvalid,
  statusNotFound,
  statusUnavailable,
  type TokenRequest,
  tokenRequestSchema,
} from "@podbus/kube";
import type { BoundKind, TokenSubject } from "../access/service-account-tokens.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { parseBody } from "../http/decode-body.ts";
import { documentReply, type Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import { objectKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

const row = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", schema: tokenRequestSchema };

const defaultSeconds = 3600;
const leastSeconds = 600;
/** pkg/registry/core/serviceaccount/storage/token.go: no one needs it longer, and it cannot be called back. */
const mostSeconds = 2 ** 32;

const kinds: Readonly<Record<string, { kind: BoundKind; resource: string; namespaced: boolean }>> = {
  Pod: { kind: "pod", resource: "pods", namespaced: true },
  Secret: { kind: "secret", resource: "secrets", namespaced: true },
  Node: { kind: "node", resource: "nodes", namespaced: false },
};

/** POST serviceaccounts/NAME/token: a token of that account (`kubectl create token`). */
export async function requestToken(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { resource, info } = call;
  if (!ports.tokens)
    throw statusUnavailable("this API server has no key to sign tokens with (PODBUS_API_SERVICE_ACCOUNT_KEY)");
  const { fieldValidation } = writeOptionsOf(call.query, "CreateOptions");
  const { object } = decodeObject(row, await parseBody(call, tokenRequestSchema), fieldValidation);
  const request = object as TokenRequest;
  const { spec } = request;
  const lifetimeSeconds = spec.expirationSeconds ?? defaultSeconds;
  const errors = validateLifetime(lifetimeSeconds);
  if (errors.length > 0) throw statusInvalid(row, info.name, errors);

  const stored = await readFresh<ServiceAccount>(
    ports.store,
    objectKey(resource, info.namespace, info.name),
    call.signal,
  );
  if (!stored) throw statusNotFound(resource, info.name);
  const bound = boundObject(ports, call, spec.boundObjectRef);
  const account = { name: info.name, uid: stored.value.metadata.uid ?? "" };
  const subject: TokenSubject = { namespace: info.namespace, account, ...(bound ? { bound } : {}) };
  const audiences = spec.audiences ?? [];
  const { token, expiresMs } = await ports.tokens.sign(subject, { audiences, lifetimeSeconds });
  const answer: TokenRequest = {
    ...request,
    metadata: {
      ...request.metadata,
      name: info.name,
      namespace: info.namespace,
      creationTimestamp: formatTime(ports.clock.now()),
    },
    spec: {
      ...spec,
      audiences: audiences.length > 0 ? audiences : [ports.tokens.issuer],
      expirationSeconds: lifetimeSeconds,
    },
    status: { token, expirationTimestamp: formatTime(expiresMs) },
  };
  return documentReply(answer, 201);
}

function validateLifetime(seconds: number): FieldError[] {
  const field = "spec.expirationSeconds";
  if (seconds < leastSeconds) return [fieldInvalid(field, seconds, "may not specify a duration less than 10 minutes")];
  return seconds > mostSeconds
    ? [fieldInvalid(field, seconds, "may not specify a duration larger than 2^32 seconds")]
    : [];
}

function boundObject(ports: GatewayPorts, call: ResourceCall, ref: TokenRequest["spec"]["boundObjectRef"]) {
  if (!ref) return undefined;
  const found = Object.hasOwn(kinds, ref.kind ?? "") ? kinds[ref.kind ?? ""] : undefined;
  if (!found)
    throw statusBadRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(call.info.name)} to object of type ${ref.kind ?? ""}`,
    );
  const { kind, resource, namespaced } = found;
  const name = ref.name ?? "";
  const key = { resource, namespace: namespaced ? call.info.namespace : "", name };
  const uid = ports.store.cache.get<KubeObject>(key)?.value.metadata.uid;
  if (uid === undefined) throw statusNotFound(resource, name);
  if (ref.uid && ref.uid !== uid) {
    throw statusBadRequest(
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return { kind, name, uid };
}
