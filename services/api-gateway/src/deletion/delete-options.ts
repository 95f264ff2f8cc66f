import {
  type DeleteOptions,
  decodeObject,
  deleteOptionsSchema,
  type FieldError,
  fieldInvalid as invalid,
  statusBadRequest,
  statusInvalid,
} from "@podbus/kube";
import { dryRunErrors } from "../domain/write-options.ts";
import type { ApiRequest } from "../http/api-request.ts";
import { parseBody } from "../http/decode-body.ts";

export interface DeletionOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly preconditionUid: string | undefined;
  readonly preconditionResourceVersion: string | undefined;
  readonly dryRun: boolean;
}

const propagationPolicies = ["Orphan", "Background", "Foreground"];

/** DeleteOptions come in the body or, if there is none, in the query (endpoints/handlers/delete.go). */
export async function deletionOptionsOf(request: ApiRequest): Promise<DeletionOptions> {
  const body = await request.body();
  return decideOptions(
    body.length === 0 ? fromQuery(request.query) : fromBody(await parseBody(request, deleteOptionsSchema)),
  );
}

/** Propagation is accepted: nothing here has dependents yet. */
export function decideOptions(options: DeleteOptions): DeletionOptions {
  const policy = options.propagationPolicy;
  const errors: FieldError[] = dryRunErrors(options.dryRun ?? []);
  if (policy !== undefined && policy !== "" && !propagationPolicies.includes(policy)) {
    errors.push(invalid("propagationPolicy", policy, "supported values: Foreground, Background, Orphan"));
  }
  if (errors.length > 0) throw statusInvalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
  return {
    gracePeriodSeconds: options.gracePeriodSeconds,
    preconditionUid: options.preconditions?.uid,
    preconditionResourceVersion: options.preconditions?.resourceVersion,
    dryRun: (options.dryRun ?? []).length > 0,
  };
}

function fromBody(document: unknown): DeleteOptions {
  const row = { group: "", version: "v1", kind: "DeleteOptions", schema: deleteOptionsSchema };
  if (typeof document !== "object" || document === null) throw statusBadRequest("the body is not DeleteOptions");
  // kubectl names the group's own version (apps/v1, …); DeleteOptions are the same in all of them.
  return decodeObject(row, { ...document, apiVersion: "v1" }, "Ignore").object as DeleteOptions;
}

function fromQuery(query: URLSearchParams): DeleteOptions {
  const grace = query.get("gracePeriodSeconds");
  if (grace !== null && !/^-?\d{1,15}$/.test(grace)) {
    throw statusBadRequest(`invalid gracePeriodSeconds ${JSON.stringify(grace)}: must be an integer`);
  }
  const dryRun = query.getAll("dryRun").filter((value) => value !== "");
  const policy = query.get("propagationPolicy");
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(dryRun.length > 0 ? { dryRun } : {}),
  };
}
