import type { ResourceDefinition, Verb } from "../resource-definition.ts";
import { resources } from "../resources.ts";

// The documents by which clients learn what there is. Their shapes: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1
// (APIVersions, APIGroupList, APIGroup, APIResourceList) and staging/src/k8s.io/api/apidiscovery (APIGroupDiscoveryList).

/** GET /api */
export function apiVersions() {
  return {
    kind: "APIVersions",
    versions: versionsOf(""),
    // Clients go on using the address by which they came.
    serverAddressByClientCIDRs: [],
  };
}

/** GET /apis */
export function apiGroupList() {
  return { kind: "APIGroupList", apiVersion: "v1", groups: namedGroups().map(groupDocument) };
}

/** GET /apis/GROUP; undefined where there is no such group. */
export function apiGroup(group: string) {
  if (!namedGroups().includes(group)) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...groupDocument(group) };
}

/** GET /api/v1 and /apis/GROUP/VERSION; undefined where there is no such version. */
export function apiResourceList(group: string, version: string) {
  const rows = rowsOf(group, version);
  if (rows.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: groupVersion(group, version),
    resources: rows.flatMap((row) => [
      resourceDocument(row),
      ...row.subresources.map((sub) => subresourceDocument(row, sub)),
    ]),
  };
}

/** GET /api or /apis by a client that asks for everything at once. The apiVersion is the one that it asked for. */
export function aggregatedDiscovery(root: "api" | "apis") {
  const groups = root === "api" ? [""] : namedGroups();
  return {
    kind: "APIGroupDiscoveryList",
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === "" ? {} : { name: group },
      versions: versionsOf(group).map((version) => ({
        version,
        freshness: "Current",
        resources: rowsOf(group, version).map(aggregatedResource),
      })),
    })),
  };
}

const namedGroups = () => [...new Set(resources.map((row) => row.group))].filter((group) => group !== "").sort();

const versionsOf = (group: string) => [
  ...new Set(resources.filter((row) => row.group === group).map((row) => row.version)),
];

const rowsOf = (group: string, version: string) =>
  resources.filter((row) => row.group === group && row.version === version);

const groupVersion = (group: string, version: string) => (group === "" ? version : `${group}/${version}`);

function groupDocument(group: string) {
  const versions = versionsOf(group).map((version) => ({ groupVersion: groupVersion(group, version), version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceDocument(row: ResourceDefinition) {
  return {
    name: row.plural,
    singularName: row.singular,
    namespaced: row.namespaced,
    kind: row.kind,
    verbs: sorted(row.verbs),
    ...(row.shortNames.length > 0 ? { shortNames: row.shortNames } : {}),
    ...(row.categories.length > 0 ? { categories: row.categories } : {}),
  };
}

type Subresource = ResourceDefinition["subresources"][number];

function subresourceDocument(row: ResourceDefinition, sub: Subresource) {
  return {
    name: `${row.plural}/${sub.name}`,
    singularName: "",
    namespaced: row.namespaced,
    ...(sub.version === undefined ? {} : { group: sub.group ?? row.group, version: sub.version }),
    kind: sub.kind ?? row.kind,
    verbs: sorted(sub.verbs),
  };
}

function aggregatedResource(row: ResourceDefinition) {
  return {
    resource: row.plural,
    responseKind: { group: row.group, version: row.version, kind: row.kind },
    scope: row.namespaced ? "Namespaced" : "Cluster",
    singularResource: row.singular,
    verbs: sorted(row.verbs),
    ...(row.shortNames.length > 0 ? { shortNames: row.shortNames } : {}),
    ...(row.categories.length > 0 ? { categories: row.categories } : {}),
    ...(row.subresources.length > 0
      ? { subresources: row.subresources.map((sub) => aggregatedSubresource(row, sub)) }
      : {}),
  };
}

function aggregatedSubresource(row: ResourceDefinition, sub: Subresource) {
  return {
    subresource: sub.name,
    responseKind: { group: sub.group ?? row.group, version: sub.version ?? row.version, kind: sub.kind ?? row.kind },
    verbs: sorted(sub.verbs),
  };
}

const sorted = (verbs: readonly Verb[]) => [...verbs].sort();
