import {
  findResource,
  type ResourceDefinition,
  StatusError,
  statusBadRequest,
  statusMethodNotAllowed,
  statusPathNotFound,
} from "@podbus/kube";
import type { ResourceRequest } from "./domain/request-info.ts";
import { createObject } from "./handlers/create-object.ts";
import { deleteCollection } from "./handlers/delete-collection.ts";
import { deleteObject } from "./handlers/delete-object.ts";
import { evictPod } from "./handlers/evict-pod.ts";
import { forwardPorts } from "./handlers/forward-ports.ts";
import { getObject } from "./handlers/get-object.ts";
import { listObjects } from "./handlers/list-objects.ts";
import { patchObject } from "./handlers/patch-object.ts";
import { proxyRequest, proxyUpgrade } from "./handlers/proxy.ts";
import { readPodLog } from "./handlers/read-pod-log.ts";
import { requestToken } from "./handlers/request-token.ts";
import { answerQuestion, isQuestion } from "./handlers/review-access.ts";
import { getScale, patchScale, updateScale } from "./handlers/scale-object.ts";
import { serveDiscovery } from "./handlers/serve-discovery.ts";
import { serveHealth } from "./handlers/serve-health.ts";
import { serveOpenApi } from "./handlers/serve-openapi.ts";
import { openIdPaths, serveOpenId } from "./handlers/serve-openid.ts";
import { streamCommand } from "./handlers/stream-commands.ts";
import { streamLog } from "./handlers/stream-log.ts";
import { updateObject } from "./handlers/update-object.ts";
import { watchObjects } from "./handlers/watch-objects.ts";
import type { ApiRequest, ResourceCall } from "./http/api-request.ts";
import { documentReply, type Reply } from "./http/reply.ts";
import type { UpgradeConnection } from "./http/upgrade-connection.ts";
import type { GatewayPorts } from "./ports.ts";

type ResourceHandler = (ports: GatewayPorts, call: ResourceCall) => Promise<Reply>;

const objectHandlers: Readonly<Partial<Record<ResourceRequest["verb"], ResourceHandler>>> = {
  create: createObject,
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

const subresourceHandlers: Readonly<Record<string, Partial<Record<ResourceRequest["verb"], ResourceHandler>>>> = {
  status: { get: getObject, update: updateObject, patch: patchObject },
  ephemeralcontainers: { get: getObject, update: updateObject, patch: patchObject },
  finalize: { update: updateObject },
  log: { get: readPodLog },
  exec: { get: upgradeRequired, create: upgradeRequired },
  attach: { get: upgradeRequired, create: upgradeRequired },
  portforward: { get: upgradeRequired, create: upgradeRequired },
  eviction: { create: evictPod },
  token: { create: requestToken },
  scale: { get: getScale, update: updateScale, patch: patchScale },
};

/** apimachinery/pkg/util/httpstream */
function upgradeRequired(): Promise<Reply> {
  throw statusBadRequest("Upgrade request required");
}

/** Subresources of Kubernetes that are named in the answer, because a user will ask for them. */
const unsupported: ReadonlySet<string> = new Set(["binding", "resize"]);

type UpgradeHandler = (ports: GatewayPorts, call: ResourceCall, connection: UpgradeConnection) => Promise<void>;

/** Requests for an upgrade, by subresource of a pod. */
const upgradeHandlers: Readonly<Record<string, UpgradeHandler>> = {
  exec: streamCommand,
  attach: streamCommand,
  portforward: forwardPorts,
  log: streamLog,
};

/** Serves a client that has asked for an upgrade, until the session is over. Throws before it has answered, and only then. */
export async function routeUpgrade(
  ports: GatewayPorts,
  request: ApiRequest,
  connection: UpgradeConnection,
): Promise<void> {
  if (request.info.kind !== "resource") throw statusBadRequest("this path cannot be upgraded");
  const call = resourceCall(request, request.info);
  if (unsupported.has(call.info.subresource)) throw notSupported(call);
  if (isProxy(call)) return proxyUpgrade(ports, call, connection);
  const handler = call.resource.kind === "Pod" ? upgradeHandlers[call.info.subresource] : undefined;
  if (!handler) throw statusBadRequest("this path cannot be upgraded");
  await handler(ports, call, connection);
}

export async function route(ports: GatewayPorts, request: ApiRequest): Promise<Reply> {
  if (request.info.path === customResourcesPath && request.info.verb === "list") return noCustomResources();
  if (request.info.kind === "resource") {
    const call = resourceCall(request, request.info);
    return handlerOf(call)(ports, call);
  }
  const [root] = request.info.path.split("/").filter((part) => part !== "");
  if (request.method !== "GET" && request.method !== "HEAD") throw statusPathNotFound();
  if (root === "healthz" || root === "livez" || root === "readyz") return serveHealth(ports, request.info.path);
  if (openIdPaths.has(request.info.path)) return serveOpenId(ports, request);
  return root === "openapi" ? serveOpenApi(request) : serveDiscovery(request);
}

const customResourcesPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** There are none, and discovery says so; kubectl asks all the same before it says that a kind is unknown. */
function noCustomResources(): Reply {
  return documentReply({
    kind: "CustomResourceDefinitionList",
    apiVersion: "apiextensions.k8s.io/v1",
    metadata: { resourceVersion: "1" },
    items: [],
  });
}

/** The request with its row of the resource table; 404 where the path names no such collection. */
function resourceCall(request: ApiRequest, info: ResourceRequest): ResourceCall {
  const resource = findResource(info.group, info.version, info.resource);
  if (!resource || !isReachable(resource, info)) throw statusPathNotFound();
  return { ...request, info, resource };
}

/** A cluster-scoped kind is not below a namespace; one object of a namespaced kind is nowhere else. */
function isReachable(resource: ResourceDefinition, { namespace, name }: ResourceRequest): boolean {
  return resource.namespaced ? namespace !== "" || name === "" : namespace === "";
}

/** Any method, and whatever the path goes on with. */
function isProxy({ info, resource }: ResourceCall): boolean {
  return info.subresource === "proxy" && resource.subresources.some(({ name }) => name === "proxy");
}

function handlerOf(call: ResourceCall): ResourceHandler {
  const { info, resource } = call;
  if (isProxy(call)) return proxyRequest;
  if (info.subresource === "" && info.verb === "create" && isQuestion(resource.kind)) return answerQuestion;
  if (info.subresource === "") {
    const handler = objectHandlers[info.verb];
    const named = info.name !== "";
    if (!handler || !resource.verbs.some((verb) => verb === info.verb) || (info.verb === "create" && named)) {
      throw statusMethodNotAllowed(resource, info.verb);
    }
    return handler;
  }
  if (unsupported.has(info.subresource)) throw notSupported(call);
  const served = resource.subresources.some(({ name }) => name === info.subresource);
  const handlers = served ? subresourceHandlers[info.subresource] : undefined;
  if (!handlers) throw statusPathNotFound();
  const handler = handlers[info.verb];
  if (!handler)
    throw statusMethodNotAllowed(
      { group: resource.group, plural: `${resource.plural}/${info.subresource}` },
      info.verb,
    );
  return handler;
}

function notSupported({ info, resource }: ResourceCall): StatusError {
  const message = `${resource.plural}/${info.subresource} is not supported by podbus`;
  return new StatusError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason: "NotImplemented",
    details: { name: info.name, kind: resource.plural },
    code: 501,
  });
}
