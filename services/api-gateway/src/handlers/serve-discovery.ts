import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  kubernetesVersion,
  statusNotAcceptable,
  statusPathNotFound,
} from "@podbus/kube";
import { negotiateMediaType } from "../domain/negotiate-media-type.ts";
import type { ApiRequest } from "../http/api-request.ts";
import { type DocumentReply, documentReply, type Reply } from "../http/reply.ts";

/** Documents that describe the API: what kubectl reads before anything else. */
export function serveDiscovery(request: ApiRequest): Reply {
  const parts = request.info.path.split("/").filter((part) => part !== "");
  const [root, first, second, ...more] = parts;
  if (more.length > 0) throw statusPathNotFound();
  if (root === "api") return serveCore(request, first, second);
  if (root === "apis") return serveGroups(request, first, second);
  if (root === "version" && first === undefined) return documentReply(version());
  if (root === undefined) return documentReply({ paths: rootPaths });
  throw statusPathNotFound();
}

const rootPaths = ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];

function serveCore(request: ApiRequest, version: string | undefined, more: string | undefined): Reply {
  if (more !== undefined) throw statusPathNotFound();
  if (version === undefined) return serveRoot(request, "api");
  return documentReply(found(apiResourceList("", version)));
}

function serveGroups(request: ApiRequest, group: string | undefined, version: string | undefined): Reply {
  if (group === undefined) return serveRoot(request, "apis");
  if (version === undefined) return documentReply(found(apiGroup(group)));
  return documentReply(found(apiResourceList(group, version)));
}

/** Aggregated discovery (KEP-3352) for clients that ask for it; the plain lists otherwise. */
function serveRoot(request: ApiRequest, root: "api" | "apis"): DocumentReply {
  const negotiated = negotiateMediaType(request.header("accept"), ["APIGroupDiscoveryList"]);
  if (!negotiated) throw statusNotAcceptable(["application/json", "application/yaml"]);
  if (negotiated.as !== "APIGroupDiscoveryList") return documentReply(root === "api" ? apiVersions() : apiGroupList());
  const { version } = negotiated;
  return {
    kind: "document",
    code: 200,
    document: { ...aggregatedDiscovery(root), apiVersion: `apidiscovery.k8s.io/${version}` },
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    headers: { vary: "Accept" },
  };
}

function found<T>(document: T | undefined): T {
  if (document === undefined) throw statusPathNotFound();
  return document;
}

function version(): object {
  return {
    ...kubernetesVersion,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "none",
    compiler: "none",
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}
