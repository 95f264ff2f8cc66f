import { PodbusError } from "@podbus/errors";
import { type KubeObject, StatusError, statusBadRequest, statusGone, statusInvalid } from "@podbus/kube";
import { decodeContinue, encodeContinue, type ListPlace } from "../domain/continue-token.ts";
import { decideListRevision, type ListOptions, parseListOptions, type RevisionWanted } from "../domain/list-options.ts";
import { decideListPage } from "../domain/list-page.ts";
import { parseSelection } from "../domain/selection.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { listReply, presentationOf } from "../http/presentation.ts";
import type { Reply } from "../http/reply.ts";
import { reachRevision } from "../objects/reach-revision.ts";
import type { GatewayPorts } from "../ports.ts";

/** A list at one revision, the whole of it or page by page. */
export async function listObjects(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const presentation = presentationOf(call, ports.clock.now());
  const options = parseListOptions(call.query);
  const selects = parseSelection(call.resource, options.labelSelector, options.fieldSelector);
  const start = decideStart(options);
  await reachRevision(ports, start.revision, call.signal);
  const { items, revision } = itemsAt(ports, call, start);
  const page = decideListPage(items.map(({ value }) => value).filter(selects), {
    resource: call.resource,
    limit: options.limit,
    revision,
    selective: options.labelSelector !== "" || options.fieldSelector !== "",
    ...(start.after ? { after: start.after } : {}),
  });
  return listReply(page, presentation);
}

interface ListStart {
  readonly revision: Exclude<RevisionWanted, { kind: "invalid" }>;
  readonly after?: ListPlace;
}

function decideStart(options: ListOptions): ListStart {
  const wanted = decideListRevision(options);
  if (wanted.kind === "invalid") throw invalidListOption(wanted);
  if (options.continue === "") return { revision: wanted };
  if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
    throw statusBadRequest("specifying resource version is not allowed when using continue");
  }
  const position = decodeContinue(options.continue);
  if (typeof position === "string") throw statusBadRequest(position);
  const { revision, after } = position;
  return { revision: revision < 0 ? { kind: "latest" } : { kind: "exact", revision }, after };
}

function itemsAt({ store }: GatewayPorts, { resource, info }: ResourceCall, { revision, after }: ListStart) {
  const namespace = info.namespace === "" ? undefined : info.namespace;
  if (revision.kind !== "exact") return store.cache.list<KubeObject>(resource.storageResource, namespace);
  try {
    return store.cache.listAt<KubeObject>(revision.revision, resource.storageResource, namespace);
  } catch (error) {
    if (!(error instanceof PodbusError) || error.reason !== "Expired") throw error;
    throw after ? pageExpired(after) : statusGone("The resourceVersion for the provided list is too old.");
  }
}

/** With a token that goes on from there in the list of now: apiserver/pkg/storage/etcd3/errors.go handleCompactedErrorForPaging. */
function pageExpired(after: ListPlace): StatusError {
  const { status } = statusGone(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
      "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
      "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
      "deleted between the time the first chunk was returned and now may show up in the list.",
  );
  return new StatusError({ ...status, metadata: { continue: encodeContinue({ revision: -1, after }) } });
}

export function invalidListOption({ field, message }: { readonly field: string; readonly message: string }) {
  return statusInvalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [
    { type: "FieldValueForbidden", field, message: `Forbidden: ${message}` },
  ]);
}
