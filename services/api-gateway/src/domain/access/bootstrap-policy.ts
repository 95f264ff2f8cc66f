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

const scalable = ["deployments", "replicasets", "statefulsets"];
const workloads = [...scalable, "daemonsets"];

const viewRules: readonly PolicyRule[] = [
  rule(read, [""], ["pods", "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services"]),
  rule(read, [""], ["endpoints", "configmaps", "podtemplates"]),
  rule(read, [""], ["limitranges", "resourcequotas", "bindings", "events", "pods/status", "resourcequotas/status"]),
  rule(read, [""], ["namespaces/status", "replicationcontrollers/status", "pods/log"]),
  rule(read, [""], ["namespaces"]),
  rule(read, ["discovery.k8s.io"], ["endpointslices"]),
  rule(read, ["events.k8s.io"], ["events"]),
  rule(read, ["apps"], ["controllerrevisions", ...workloads, ...workloads.map((name) => `${name}/status`)]),
  rule(
    read,
    ["apps"],
    scalable.map((name) => `${name}/scale`),
  ),
  rule(read, ["batch"], ["jobs", "cronjobs", "cronjobs/status", "jobs/status"]),
  rule(read, ["policy"], ["poddisruptionbudgets", "poddisruptionbudgets/status"]),
];

const editRules: readonly PolicyRule[] = [
  rule(read, [""], ["pods/attach", "pods/proxy", "pods/exec", "pods/portforward", "secrets", "services/proxy"]),
  rule(["impersonate"], [""], ["serviceaccounts"]),
  rule(write, [""], ["pods", "pods/attach", "pods/proxy", "pods/exec", "pods/portforward"]),
  rule(["create"], [""], ["pods/eviction"]),
  rule(write, [""], ["replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services"]),
  rule(write, [""], ["endpoints", "configmaps", "podtemplates", "secrets", "services/proxy", "events"]),
  rule(["create"], [""], ["serviceaccounts/token"]),
  rule(write, ["apps"], [...workloads, ...scalable.map((name) => `${name}/scale`)]),
  rule(write, ["batch"], ["jobs", "cronjobs"]),
  rule(write, ["policy"], ["poddisruptionbudgets"]),
  rule([...read, ...write], ["coordination.k8s.io"], ["leases"]),
];

const adminRules: readonly PolicyRule[] = [
  rule(["create"], ["authorization.k8s.io"], ["localsubjectaccessreviews"]),
  rule([...read, ...write], [rbacGroup], ["roles", "rolebindings"]),
];

/** What every node may do besides what is about its own objects. */
export const nodeRules: readonly PolicyRule[] = [
  rule(["create"], ["authentication.k8s.io"], ["tokenreviews"]),
  rule(["create"], ["authorization.k8s.io"], ["localsubjectaccessreviews", "subjectaccessreviews"]),
  rule(read, [""], ["services"]),
  rule(["create", "patch", "update"], ["", "events.k8s.io"], ["events"]),
  rule(["get"], [""], ["endpoints"]),
  rule(read, ["node.k8s.io"], ["runtimeclasses"]),
];

const bootstrapping = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const autoupdate = { "rbac.authorization.kubernetes.io/autoupdate": "true" };
const aggregateTo = (name: string) => `rbac.authorization.k8s.io/aggregate-to-${name}`;

function role(name: string, rules: readonly PolicyRule[], aggregatedTo?: string): ClusterRole {
  const labels = aggregatedTo === undefined ? bootstrapping : { ...bootstrapping, [aggregateTo(aggregatedTo)]: "true" };
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: "ClusterRole",
    metadata: { name, labels, annotations: autoupdate },
    rules: [...rules],
  };
}

/** Filled with the rules of the roles that say so; each of the three is part of the next one. */
function aggregated(name: string, partOf?: string): ClusterRole {
  const clusterRoleSelectors = [{ matchLabels: { [aggregateTo(name)]: "true" } }];
  return { ...role(name, [], partOf), aggregationRule: { clusterRoleSelectors } };
}

export const bootstrapClusterRoles: readonly ClusterRole[] = [
  role("cluster-admin", [rule(["*"], ["*"], ["*"]), { verbs: ["*"], nonResourceURLs: ["*"] }]),
  aggregated("admin"),
  aggregated("edit", "admin"),
  aggregated("view", "edit"),
  role("system:aggregate-to-admin", adminRules, "admin"),
  role("system:aggregate-to-edit", editRules, "edit"),
  role("system:aggregate-to-view", viewRules, "view"),
  role("system:discovery", [
    urls("/healthz", "/livez", "/readyz", "/version", "/version/"),
    urls("/openapi", "/openapi/*", "/api", "/api/*", "/apis", "/apis/*", "/"),
  ]),
  role("system:basic-user", [
    rule(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
    rule(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]),
  ]),
  role("system:public-info-viewer", [urls("/healthz", "/livez", "/readyz", "/version", "/version/")]),
  role("system:auth-delegator", [
    rule(["create"], ["authentication.k8s.io"], ["tokenreviews"]),
    rule(["create"], ["authorization.k8s.io"], ["subjectaccessreviews"]),
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

const group = (name: string): Subject => ({ kind: "Group", apiGroup: rbacGroup, name });

function binding(roleName: string, ...groups: string[]): ClusterRoleBinding {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: roleName, labels: bootstrapping, annotations: autoupdate },
    subjects: groups.map(group),
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: roleName },
  };
}

export const bootstrapClusterRoleBindings: readonly ClusterRoleBinding[] = [
  binding("cluster-admin", "system:masters"),
  binding("system:discovery", "system:authenticated"),
  binding("system:basic-user", "system:authenticated"),
  binding("system:public-info-viewer", "system:authenticated", "system:unauthenticated"),
  binding("system:service-account-issuer-discovery", "system:serviceaccounts"),
];
