import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { PodbusError } from "@podbus/errors";
import {
  type Endpoints,
  type Node,
  type Pod,
  type Service,
  StatusError,
  statusBadRequest,
  statusNotFound,
  statusUnavailable,
} from "@podbus/kube";
import { splice } from "../adapters/splice.ts";
import { openTunnel } from "../adapters/tunnel-stream.ts";
import { requestHeaders, responseHeaders } from "../domain/proxy-headers.ts";
import { defaultPodPort, type ProxyName, parseProxyName, podsBehind, portNumber } from "../domain/proxy-target.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { Reply } from "../http/reply.ts";
import type { UpgradeConnection } from "../http/upgrade-connection.ts";
import { objectKey, podKey } from "../objects/object-key.ts";
import { refresh } from "../objects/read-fresh.ts";
import type { GatewayPorts } from "../ports.ts";

/** pods|services|nodes/NAME/proxy/PATH with any method: the request goes on to whoever listens there, on its node. */
export async function proxyRequest(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const place = placeOf(call);
  if (place.path === "" && (call.method === "GET" || call.method === "HEAD")) return toDirectory(place, call);
  const answer = await pass(ports, call, place);
  return {
    kind: "stream",
    code: answer.statusCode ?? 502,
    headers: responseHeaders(answer.headers, place.prefix),
    contentType: answer.headers["content-type"] ?? "application/octet-stream",
    chunks: answer,
  };
}

/** The same for a client that asks for an upgrade, of whatever kind: from then on bytes pass as they are. */
export async function proxyUpgrade(
  ports: GatewayPorts,
  call: ResourceCall,
  connection: UpgradeConnection,
): Promise<void> {
  const { message, socket } = await passUpgrade(ports, call, placeOf(call));
  const headers = Object.entries(message.headers).map(([name, value]) => ({ name, value: String(value) }));
  await splice(connection.acceptAs(headers), socket);
}

interface Place {
  readonly target: ProxyName;
  /** Up to and including "/proxy". */
  readonly prefix: string;
  /** What comes after, without the query. */
  readonly path: string;
}

function placeOf({ info }: ResourceCall): Place {
  const target = parseProxyName(info.name);
  if (!target) throw statusBadRequest(`invalid ${info.resource} request ${JSON.stringify(info.name)}`);
  const marker = "/proxy";
  const begin = info.path.indexOf(`/${info.resource}/`) + info.resource.length + 2;
  const end = info.path.indexOf(marker, begin) + marker.length;
  return { target, prefix: info.path.slice(0, end), path: info.path.slice(end) };
}

/** So that relative links work (apiserver/pkg/registry/generic/rest/proxy.go). */
function toDirectory({ prefix }: Place, { query }: ResourceCall): Reply {
  const location = `${prefix}/${query.size > 0 ? `?${query}` : ""}`;
  return { kind: "stream", code: 301, headers: { location }, contentType: "text/plain", chunks: noBody() };
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

async function pass(ports: GatewayPorts, call: ResourceCall, place: Place): Promise<IncomingMessage> {
  const outward = await outgoing(ports, call, place);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outward.on("response", resolve);
    outward.on("error", (error) => reject(unreachable(error)));
  });
  call.raw.pipe(outward);
  return answered;
}

async function passUpgrade(ports: GatewayPorts, call: ResourceCall, place: Place) {
  const outward = await outgoing(ports, call, place);
  outward.end();
  return new Promise<{ message: IncomingMessage; socket: Duplex }>((resolve, reject) => {
    outward.on("upgrade", (message, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve({ message, socket });
    });
    outward.on("response", (message) => {
      message.destroy();
      reject(statusBadRequest(`the upgrade was refused: ${message.statusCode} ${message.statusMessage}`));
    });
    outward.on("error", (error) => reject(unreachable(error)));
  });
}

async function outgoing(ports: GatewayPorts, call: ResourceCall, place: Place) {
  const stream = await connect(ports, call, place.target);
  const path = place.path === "" ? "/" : place.path;
  const forwarding = { host: call.header("host") ?? "", prefix: place.prefix, path };
  const options: RequestOptions = {
    method: call.method,
    path: `${path}${call.query.size > 0 ? `?${call.query}` : ""}`,
    headers: requestHeaders(call.raw.headers, forwarding),
    // With an agent, Node would connect by itself.
    createConnection: () => stream,
    signal: call.signal,
  };
  return httpRequest(options);
}

async function connect(ports: GatewayPorts, call: ResourceCall, name: ProxyName): Promise<Duplex> {
  await refresh(ports.store, call.signal);
  const { node, pod, port } = locate(ports, call, name);
  try {
    const request = { ...(pod ? { pod } : {}), target: { case: "port" as const, value: port } };
    const { stream } = await openTunnel(ports.podLifecycle(node), request, call.signal);
    // Whom one reaches is known from the name; certificates inside of pods are their own (kube-apiserver checks none either).
    return name.scheme === "https" ? connectTls({ socket: stream, rejectUnauthorized: false }) : stream;
  } catch (error) {
    throw error instanceof StatusError ? error : unreachable(error as Error);
  }
}

interface Location {
  readonly node: string;
  /** Absent: the node itself. */
  readonly pod?: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly port: number;
}

function locate(ports: GatewayPorts, call: ResourceCall, name: ProxyName): Location {
  switch (call.resource.kind) {
    case "Node":
      return locateNode(ports, call, name);
    case "Service":
      return locateService(ports, call, name);
    default:
      return locatePod(ports, call, name);
  }
}

function locatePod({ store }: GatewayPorts, call: ResourceCall, { name, port, scheme }: ProxyName): Location {
  const pod = store.cache.get<Pod>(podKey(call.info.namespace, name))?.value;
  if (!pod) throw statusNotFound("pods", name);
  const number = port === "" ? defaultPodPort(pod, scheme) : portNumber(port);
  if (number === undefined)
    throw statusBadRequest(`invalid pod request ${JSON.stringify(call.info.name)}: port must be a number`);
  return atPod(pod, number);
}

function atPod({ metadata, spec }: Pod, port: number): Location {
  const { name, namespace = "", uid = "" } = metadata;
  if (!spec.nodeName) throw statusBadRequest("address not allowed");
  return { node: spec.nodeName, pod: { namespace, name, uid }, port };
}

function locateService({ store }: GatewayPorts, call: ResourceCall, { name, port }: ProxyName): Location {
  const { namespace } = call.info;
  const service = store.cache.get<Service>({ resource: "services", namespace, name })?.value;
  if (!service) throw statusNotFound("services", name);
  const endpoints = store.cache.get<Endpoints>({ resource: "endpoints", namespace, name })?.value;
  const behind = endpoints ? podsBehind(service, endpoints, port) : [];
  for (const { name: podName, port: podPort } of shuffled(behind)) {
    const pod = store.cache.get<Pod>(podKey(namespace, podName))?.value;
    if (pod?.spec.nodeName) return atPod(pod, podPort);
  }
  throw statusUnavailable(`no endpoints available for service ${JSON.stringify(call.info.name)}`);
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Kubernetes' default is the kubelet's own port; a node of podbus has no such server. */
function locateNode({ store }: GatewayPorts, call: ResourceCall, { name, port }: ProxyName): Location {
  if (!store.cache.get<Node>(objectKey(call.resource, "", name))) throw statusNotFound("nodes", name);
  const number = portNumber(port);
  if (number === undefined) {
    throw statusBadRequest(
      `nodes of podbus have no kubelet to reach: name a port of the node, as in nodes/${name}:PORT/proxy`,
    );
  }
  return { node: name, port: number };
}

function unreachable(error: Error): StatusError {
  const message = error instanceof PodbusError || error instanceof Error ? error.message : String(error);
  return statusUnavailable(`error trying to reach service: ${message}`);
}
