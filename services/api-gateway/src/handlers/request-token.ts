import {
  decodeObject,
  type FieldError,
  fieldInvalid,
  formatTime,
  type KubeObject,
  type Pod,
  type ServiceAccount,
  statusBadRequest,
  statusConflict,
  statusInvalid,
  statusNotFound,
  statusUnavailable,
  type TokenRequest,
  tokenRequestSchema,
} from "@podbus/kube";
import { checkWriter } from "../access/check-writer.ts";
import type { TokenSubject } from "../domain/access/account-token.ts";
import { tokenLifetimeSeconds } from "../domain/access/pod-token.ts";
import type { AccountName } from "../domain/user.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { parseBody } from "../http/decode-body.ts";
import { documentReply, type Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import { objectKey } from "../objects/object-key.ts";
import { readFresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

const row = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", schema: tokenRequestSchema };

const plurals: Readonly<Record<string, string>> = { Pod: "pods", Secret: "secrets", Node: "nodes" };

/** POST serviceaccounts/NAME/token: a token of that account (`kubectl create token`). */
export async function requestToken(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { resource, info } = call;
  if (!ports.tokens)
    throw statusUnavailable("this API server has no key to sign tokens with (PODBUS_API_SERVICE_ACCOUNT_KEY)");
  const { fieldValidation } = writeOptionsOf(call.query, "CreateOptions");
  const { object, warnings } = decodeObject(row, await parseBody(call, tokenRequestSchema), fieldValidation);
  const request = object as TokenRequest;
  const { spec } = request;
  const lifetimeSeconds = spec.expirationSeconds ?? tokenLifetimeSeconds.default;
  const errors = [...validateNames(call, request), ...validateLifetime(lifetimeSeconds)];
  if (errors.length > 0) throw statusInvalid(row, info.name, errors);

  const key = objectKey(resource, info.namespace, info.name);
  const stored = await readFresh<ServiceAccount>(ports.store, key, call.signal);
  if (!stored) throw statusNotFound(resource, info.name);
  checkWriter(ports, call, request);
  const subject: TokenSubject = { account: stored.value, ...boundTo(ports, call, spec.boundObjectRef) };
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
  return { ...documentReply(answer, 201), warnings };
}

function validateLifetime(seconds: number): FieldError[] {
  const field = "spec.expirationSeconds";
  if (seconds < tokenLifetimeSeconds.least)
    return [fieldInvalid(field, seconds, "may not specify a duration less than 10 minutes")];
  return seconds > tokenLifetimeSeconds.most
    ? [fieldInvalid(field, seconds, "may not specify a duration larger than 2^32 seconds")]
    : [];
}

/** The body may say for which account it is; then it has to be right. */
function validateNames({ info }: ResourceCall, { metadata }: TokenRequest): FieldError[] {
  return (["name", "namespace"] as const).flatMap((field) => {
    const given = metadata[field] ?? "";
    if (given === "" || given === info[field]) return [];
    return [fieldInvalid(`metadata.${field}`, given, `must match the service account ${field} if specified`)];
  });
}

/** What a token lives no longer than: it must be there, and be what the asker takes it for. */
function boundTo(
  ports: Pick<GatewayPorts, "store">,
  { info }: ResourceCall,
  ref: TokenRequest["spec"]["boundObjectRef"],
): Omit<TokenSubject, "account"> {
  if (!ref) return {};
  const { apiVersion = "", kind = "", name = "", uid = "" } = ref;
  const plural = Object.hasOwn(plurals, kind) ? plurals[kind] : undefined;
  if (plural === undefined || apiVersion.includes("/")) {
    throw statusBadRequest(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
  }
  const object = read(ports, plural, { namespace: kind === "Node" ? "" : info.namespace, name });
  if (!object) throw statusNotFound(plural, name);
  if (kind === "Pod") checkAccountOf(object as Pod, info.name);
  if (uid !== "" && uid !== object.metadata.uid) {
    const problem = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw statusConflict(plural, name, problem);
  }
  if (kind === "Pod") return { pod: object, ...nodeOf(ports, object as Pod) };
  return kind === "Secret" ? { secret: object } : { node: { name, uid: object.metadata.uid ?? "" } };
}

function read({ store }: Pick<GatewayPorts, "store">, resource: string, name: AccountName): KubeObject | undefined {
  return store.cache.get<KubeObject>({ resource, ...name })?.value;
}

function checkAccountOf({ spec }: Pod, account: string): void {
  if ((spec.serviceAccountName ?? "") === account) return;
  const quoted = JSON.stringify(account);
  throw statusBadRequest(
    `cannot bind token for serviceaccount ${quoted} to pod running with different serviceaccount name.`,
  );
}

/** A token of a pod tells which node it is for. */
function nodeOf(ports: Pick<GatewayPorts, "store">, { spec }: Pod): Pick<TokenSubject, "node"> {
  const { nodeName: name } = spec;
  if (!name) return {};
  const uid = read(ports, "nodes", { namespace: "", name })?.metadata.uid;
  return { node: { name, ...(uid === undefined ? {} : { uid }) } };
}
