import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from "@podbus/kube";
import { rbacGroup } from "@podbus/kube";

// plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, as far as there is something behind it here.

const read = ["get", "list", "watch"];
const write = ["create", "delete", "deletecollection", "patch", "update"];

const rule = (verbs: readonly string[], apiGroups: readonly string[], resources: readonly string[]): PolicyRule => ({
  verbs: [...verbs],
  apiGroups: [...apiGroups],
  resources: [...resources],
});
const urls = (...nonResourceURLs: string[]): PolicyRule => ({ verbs: ["get"], nonResourceURLs });

const workloads = ["daemonsets", "deployments", "replicasets", "statefulsets"];
const scales = ["deployments/scale", "replicasets/scale", "statefulsets/scale"];

const viewRules: readonly PolicyRule[] = [
  rule(read, [""], ["configmaps", "endpoints", "pods", "replicationcontrollers", "replicationcontrollers/scale"]),
  rule(read, [""], ["serviceaccounts", "services", "services/status"]),
  rule(read, [""], ["bindings", "events", "limitranges", "namespaces/status", "pods/log", "pods/status"]),
  rule(read, [""], ["replicationcontrollers/status", "resourcequotas", "resourcequotas/status"]),
  rule(read, [""], ["namespaces"]),
  rule(read, ["discovery.k8s.io"], ["endpointslices"]),
  rule(read, ["apps"], ["controllerrevisions", ...workloads, ...workloads.map((name) => `${name}/status`), ...scales]),
  rule(read, ["batch"], ["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
  rule(read, ["policy"], ["poddisruptionbudgets", "poddisruptionbudgets/status"]),
];

const editRules: readonly PolicyRule[] = [
  rule(read, [""], ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"]),
  rule(["impersonate"], [""], ["serviceaccounts"]),
  rule(write, [""], ["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"]),
  rule(["create"], [""], ["pods/eviction"]),
  rule(write, [""], ["configmaps", "events", "replicationcontrollers", "replicationcontrollers/scale"]),
  // Not endpoints: whoever writes them reaches what is not his (CVE-2021-25740).
  rule(write, [""], ["secrets", "serviceaccounts", "services", "services/proxy"]),
  rule(["create"], [""], ["serviceaccounts/token"]),
  rule(write, ["apps"], [...workloads, ...scales]),
  rule(write, ["batch"], ["cronjobs", "jobs"]),
  rule(write, ["policy"], ["poddisruptionbudgets"]),
  rule([...read, ...write], ["coordination.k8s.io"], ["leases"]),
];

const adminRules: readonly PolicyRule[] = [
  rule(["create"], ["authorization.k8s.io"], ["localsubjectaccessreviews"]),
  rule([...read, ...write], [rbacGroup], ["roles", "rolebindings"]),
];

const recordEvents = rule(["create", "patch", "update"], ["", "events.k8s.io"], ["events"]);

/** What every node may do besides what is about its own objects. */
export const nodeRules: readonly PolicyRule[] = [
  rule(["create"], ["authentication.k8s.io"], ["tokenreviews"]),
  rule(["create"], ["authorization.k8s.io"], ["localsubjectaccessreviews", "subjectaccessreviews"]),
  rule(read, [""], ["services"]),
  recordEvents,
  rule(["get"], [""], ["endpoints"]),
  rule(read, ["node.k8s.io"], ["runtimeclasses"]),
];

const bootstrapping = { "kubernetes.io/bootstrapping": "rbac-defaults" };
/** Kubernetes keeps these as they are unless the annotation says "false". */
export const autoupdate = "rbac.authorization.kubernetes.io/autoupdate";
const aggregateTo = (name: string) => `rbac.authorization.k8s.io/aggregate-to-${name}`;

function role(name: string, rules: readonly PolicyRule[], aggregatedTo?: string): ClusterRole {
  const labels = aggregatedTo === undefined ? bootstrapping : { ...bootstrapping, [aggregateTo(aggregatedTo)]: "true" };
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: "ClusterRole",
    metadata: { name, labels, annotations: { [autoupdate]: "true" } },
    rules: [...rules],
  };
}

/** Filled with the rules of the roles that say so; each of the three is part of the next one. */
function aggregated(name: string, partOf?: string): ClusterRole {
  const clusterRoleSelectors = [{ matchLabels: { [aggregateTo(name)]: "true" } }];
  return { ...role(name, [], partOf), aggregationRule: { clusterRoleSelectors } };
}

const health = ["/healthz", "/livez", "/readyz"];

export const bootstrapClusterRoles: readonly ClusterRole[] = [
  role("cluster-admin", [rule(["*"], ["*"], ["*"]), { verbs: ["*"], nonResourceURLs: ["*"] }]),
  aggregated("admin"),
  aggregated("edit", "admin"),
  aggregated("view", "edit"),
  role("system:aggregate-to-admin", adminRules, "admin"),
  role("system:aggregate-to-edit", editRules, "edit"),
  role("system:aggregate-to-view", viewRules, "view"),
  role("system:discovery", [
    urls(...health, "/version", "/version/", "/openapi", "/openapi/*", "/api", "/api/*", "/apis", "/apis/*"),
  ]),
  role("system:basic-user", [
    rule(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
    rule(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]),
  ]),
  role("system:public-info-viewer", [urls(...health, "/version", "/version/")]),
  role("system:auth-delegator", [
    rule(["create"], ["authentication.k8s.io"], ["tokenreviews"]),
    rule(["create"], ["authorization.k8s.io"], ["subjectaccessreviews"]),
  ]),
  role("system:monitoring", [urls(...health.flatMap((root) => [root, `${root}/*`]), "/metrics", "/metrics/slis")]),
  role("system:node", [
    ...nodeRules,
    rule(["create", "get", "list", "watch", "patch", "update"], [""], ["nodes"]),
    rule(["patch", "update"], [""], ["nodes/status", "pods/status"]),
    rule([...read, "delete"], [""], ["pods"]),
    rule(["create"], [""], ["pods/eviction", "serviceaccounts/token"]),
    rule(read, [""], ["configmaps", "secrets"]),
    rule(["create", "delete", "get", "patch", "update"], ["coordination.k8s.io"], ["leases"]),
  ]),
  role("system:node-proxier", [
    rule(["list", "watch"], [""], ["endpoints", "services"]),
    rule(read, [""], ["nodes"]),
    rule(["list", "watch"], ["discovery.k8s.io"], ["endpointslices"]),
    recordEvents,
  ]),
  role("system:node-problem-detector", [
    rule(["get"], [""], ["nodes"]),
    rule(["patch"], [""], ["nodes/status"]),
    recordEvents,
  ]),
  role("system:kubelet-api-admin", [
    rule([...read, "proxy"], [""], ["nodes"]),
    rule(["*"], [""], ["nodes/log", "nodes/metrics", "nodes/proxy", "nodes/stats"]),
  ]),
  role("system:service-account-issuer-discovery", [
    urls(
      "/.well-known/openid-configuration",
      "/.well-known/openid-configuration/",
      "/openid/v1/jwks",
      "/openid/v1/jwks/",
    ),
  ]),
];

const user = (name: string): Subject => ({ kind: "User", apiGroup: rbacGroup, name });
const group = (name: string): Subject => ({ kind: "Group", apiGroup: rbacGroup, name });

function binding(roleName: string, ...subjects: Subject[]): ClusterRoleBinding {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: roleName, labels: bootstrapping, annotations: { [autoupdate]: "true" } },
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: roleName },
    ...(subjects.length > 0 ? { subjects } : {}),
  };
}

export const bootstrapClusterRoleBindings: readonly ClusterRoleBinding[] = [
  binding("cluster-admin", group("system:masters")),
  binding("system:discovery", group("system:authenticated")),
  binding("system:basic-user", group("system:authenticated")),
  binding("system:public-info-viewer", group("system:authenticated"), group("system:unauthenticated")),
  binding("system:service-account-issuer-discovery", group("system:serviceaccounts")),
  binding("system:monitoring", group("system:monitoring")),
  binding("system:node-proxier", user("system:kube-proxy")),
  // What a node may is decided by what is its own (node-access.ts): the binding is there, and nobody is in it.
  binding("system:node"),
];
