import type { ClusterRole, ClusterRoleBinding, Pod, PolicyRule, Role, RoleBinding } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { parseRequestInfo } from "../request-info.ts";
import type { User } from "../user.ts";
import { staleAggregates } from "./aggregate-roles.ts";
import { type AccessAttributes, attributesOf, forbiddenMessage } from "./attributes.ts";
import { decideAccess } from "./authorize.ts";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "./bootstrap-policy.ts";
import { bearerToken, parseImpersonation } from "./credentials.ts";
import { printRules, ruleAllows, uncovered } from "./policy-rules.ts";
import { RbacIndex } from "./rbac.ts";
import { parseTokenFile } from "./token-file.ts";

const request = (method: string, url: string): AccessAttributes => {
  const [path = "", query] = url.split("?");
  const parameters = new URLSearchParams(query);
  return attributesOf(parseRequestInfo(method, path, parameters), parameters);
};
const pods = "/api/v1/namespaces/default/pods";

describe("a rule", () => {
  const rule = (change: Partial<PolicyRule>): PolicyRule => ({
    verbs: ["get"],
    apiGroups: [""],
    resources: ["pods"],
    ...change,
  });
  it.each([
    ["allows what it says", rule({}), "GET", `${pods}/a`, true],
    ["not another verb", rule({}), "DELETE", `${pods}/a`, false],
    ["not another resource", rule({}), "GET", "/api/v1/namespaces/default/secrets/a", false],
    ["not another group", rule({}), "GET", "/apis/apps/v1/namespaces/default/pods/a", false],
    ["not a subresource", rule({}), "GET", `${pods}/a/log`, false],
    ["a subresource by name", rule({ resources: ["pods/log"] }), "GET", `${pods}/a/log`, true],
    ["a subresource of anything", rule({ resources: ["*/log"] }), "GET", `${pods}/a/log`, true],
    ["everything", rule({ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }), "DELETE", `${pods}/a/log`, true],
    ["one name", rule({ resourceNames: ["a"] }), "GET", `${pods}/a`, true],
    ["not another name", rule({ resourceNames: ["a"] }), "GET", `${pods}/b`, false],
    ["not a list, if it has names", rule({ verbs: ["list"], resourceNames: ["a"] }), "GET", pods, false],
    ["an exec is a creation, even by GET", rule({ resources: ["pods/exec"] }), "GET", `${pods}/a/exec`, false],
    ["and so allowed", rule({ verbs: ["create"], resources: ["pods/exec"] }), "GET", `${pods}/a/exec`, true],
    ["a path", { verbs: ["get"], nonResourceURLs: ["/logs/*"] }, "GET", "/logs/x", true],
    ["not another path", { verbs: ["get"], nonResourceURLs: ["/logs/*"] }, "GET", "/metrics", false],
  ] as [string, PolicyRule, string, string, boolean][])("%s", (_sentence, held, method, url, allowed) => {
    expect(ruleAllows(held, request(method, url))).toBe(allowed);
  });
});

describe("nobody gives more than he has", () => {
  const read: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };
  it.each([
    ["what is held", [read], [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }], ""],
    ["one name of all", [read], [{ ...read, verbs: ["get"], resourceNames: ["a"] }], ""],
    [
      "all names of one",
      [{ ...read, resourceNames: ["a"] }],
      [{ ...read, verbs: ["get"] }],
      '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
    ],
    [
      "another verb",
      [read],
      [{ ...read, verbs: ["get", "delete"] }],
      '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    ],
    ["everything of everything", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }], [read], ""],
    [
      "a path below",
      [{ verbs: ["get"], nonResourceURLs: ["/a/*"] }],
      [{ verbs: ["get"], nonResourceURLs: ["/a/b"] }],
      "",
    ],
    [
      "verbs of one resource are told together, names and paths by themselves",
      [],
      [
        { verbs: ["get", "list"], apiGroups: [""], resources: ["secrets"] },
        { verbs: ["get", "list"], apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["a"] },
        { verbs: ["get"], nonResourceURLs: ["/x"] },
      ],
      [
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
        '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["a"], Verbs:["get" "list"]}',
        '{NonResourceURLs:["/x"], Verbs:["get"]}',
      ].join("\n"),
    ],
  ] as [string, PolicyRule[], PolicyRule[], string][])("%s", (_sentence, held, wanted, missing) => {
    expect(printRules(uncovered(held, wanted))).toEqual(missing);
  });
});

const roleRef = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
const meta = (name: string, namespace?: string) => ({ name, ...(namespace ? { namespace } : {}) });
const api = { apiVersion: "rbac.authorization.k8s.io/v1" };
const listPods: PolicyRule = { verbs: ["list"], apiGroups: [""], resources: ["pods"] };
const nodes = { podsOn: () => [] };

describe("who may what", () => {
  const roles: Role[] = [{ ...api, kind: "Role", metadata: meta("reader", "default"), rules: [listPods] }];
  const clusterRoles: ClusterRole[] = [
    ...aggregatedBootstrap(),
    { ...api, kind: "ClusterRole", metadata: meta("reader"), rules: [listPods] },
  ];
  const user = (name: string) => ({ kind: "User", name });
  const roleBindings: RoleBinding[] = [
    {
      ...api,
      kind: "RoleBinding",
      metadata: meta("one", "default"),
      subjects: [user("jane")],
      roleRef: roleRef("Role", "reader"),
    },
    {
      ...api,
      kind: "RoleBinding",
      metadata: meta("two", "other"),
      subjects: [{ kind: "ServiceAccount", name: "bot" }],
      roleRef: roleRef("ClusterRole", "reader"),
    },
    {
      ...api,
      kind: "RoleBinding",
      metadata: meta("three", "other"),
      subjects: [{ kind: "Group", name: "editors" }],
      roleRef: roleRef("ClusterRole", "edit"),
    },
  ];
  const clusterRoleBindings: ClusterRoleBinding[] = [
    ...bootstrapClusterRoleBindings,
    {
      ...api,
      kind: "ClusterRoleBinding",
      metadata: meta("all"),
      subjects: [user("olga")],
      roleRef: roleRef("ClusterRole", "reader"),
    },
    {
      ...api,
      kind: "ClusterRoleBinding",
      metadata: meta("lost"),
      subjects: [user("jane")],
      roleRef: roleRef("ClusterRole", "gone"),
    },
  ];
  const rbac = new RbacIndex({ roles, clusterRoles, roleBindings, clusterRoleBindings });
  const people: Record<string, User> = {
    root: { name: "root", groups: ["system:masters"] },
    jane: { name: "jane", groups: ["system:authenticated"] },
    olga: { name: "olga", groups: [] },
    bot: { name: "system:serviceaccount:other:bot", groups: ["system:serviceaccounts"] },
    ed: { name: "ed", groups: ["editors"] },
    nobody: { name: "system:anonymous", groups: ["system:unauthenticated"] },
  };
  it.each([
    ["root", "DELETE", "/api/v1/nodes/n1", true],
    ["jane", "GET", pods, true],
    ["jane", "GET", "/api/v1/namespaces/other/pods", false],
    ["jane", "GET", "/api/v1/pods", false],
    ["jane", "GET", "/apis", true],
    ["jane", "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", true],
    ["jane", "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", false],
    ["olga", "GET", "/api/v1/pods", true],
    ["olga", "GET", "/apis", false],
    ["bot", "GET", "/api/v1/namespaces/other/pods", true],
    ["bot", "GET", "/.well-known/openid-configuration", true],
    ["bot", "GET", pods, false],
    ["ed", "POST", "/apis/apps/v1/namespaces/other/deployments", true],
    ["ed", "GET", "/api/v1/namespaces/other/secrets/s", true],
    ["ed", "POST", "/api/v1/namespaces/other/pods/p/exec", true],
    ["ed", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/other/rolebindings", false],
    ["nobody", "GET", "/healthz", true],
    ["nobody", "GET", "/api", false],
  ])("%s %s %s: %s", (who, method, url, allowed) => {
    const asker = people[who];
    if (!asker) throw new Error(who);
    expect(decideAccess(asker, request(method, url), { rbac, nodes }).allowed).toBe(allowed);
  });

  it("the reason is the binding", () => {
    expect(decideAccess({ name: "jane", groups: [] }, request("GET", pods), { rbac, nodes }).reason).toBe(
      'RBAC: allowed by RoleBinding "one/default" of Role "reader" to User "jane"',
    );
  });

  it("a service account is told of with its namespace", () => {
    const bot = people.bot as User;
    expect(decideAccess(bot, request("GET", "/api/v1/namespaces/other/pods"), { rbac, nodes }).reason).toBe(
      'RBAC: allowed by RoleBinding "two/other" of ClusterRole "reader" to ServiceAccount "bot/other"',
    );
  });

  it("a binding to a role that is not there is told of", () => {
    const jane = { name: "jane", groups: [] };
    expect(decideAccess(jane, request("DELETE", `${pods}/a`), { rbac, nodes })).toEqual({
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    });
  });
});

function aggregatedBootstrap(): ClusterRole[] {
  let all = [...bootstrapClusterRoles];
  for (let turn = 0; turn < 3; turn++) {
    const stale = new Map(staleAggregates(all).map((role) => [role.metadata.name, role]));
    all = all.map((role) => stale.get(role.metadata.name) ?? role);
  }
  expect(staleAggregates(all)).toEqual([]);
  return all;
}

describe("a node", () => {
  const own = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "own", namespace: "default" },
    spec: {
      nodeName: "n1",
      serviceAccountName: "bot",
      containers: [{ name: "c", envFrom: [{ secretRef: { name: "s" } }, { configMapRef: { name: "m" } }] }],
    },
  } as Pod;
  const objects = {
    podsOn: (node: string, namespace: string) => (node === "n1" && namespace === "default" ? [own] : []),
  };
  const rbac = new RbacIndex({ roles: [], clusterRoles: [], roleBindings: [], clusterRoleBindings: [] });
  const node: User = { name: "system:node:n1", groups: ["system:nodes"] };
  const inDefault = "/api/v1/namespaces/default";
  it.each([
    ["GET", "/api/v1/nodes/n1", true],
    ["PATCH", "/api/v1/nodes/n1/status", true],
    ["DELETE", "/api/v1/nodes/n1", false],
    ["GET", "/api/v1/nodes/n2", false],
    ["GET", `${inDefault}/pods/own`, true],
    ["PUT", `${inDefault}/pods/own/status`, true],
    ["PUT", `${inDefault}/pods/own`, false],
    ["GET", `${inDefault}/pods/other`, false],
    ["GET", `${inDefault}/secrets/s`, true],
    ["GET", `${inDefault}/secrets/other`, false],
    ["GET", `${inDefault}/secrets`, false],
    ["GET", "/api/v1/namespaces/other/secrets/s", false],
    ["GET", `${inDefault}/configmaps/m`, true],
    ["POST", `${inDefault}/serviceaccounts/bot/token`, true],
    ["POST", `${inDefault}/serviceaccounts/default/token`, false],
    ["PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1", true],
    ["PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2", false],
    ["POST", `${inDefault}/events`, true],
    ["POST", `${inDefault}/pods`, false],
    ["POST", "/api/v1/nodes", true],
    ["PUT", "/api/v1/nodes/n1", true],
    ["PUT", "/api/v1/nodes/n2", false],
    ["PATCH", "/api/v1/nodes/n2/status", false],
    ["GET", "/api/v1/nodes", false],
    ["GET", "/api/v1/nodes?fieldSelector=metadata.name%3Dn1", true],
    ["GET", "/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1", true],
    ["GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn2", false],
    ["GET", "/api/v1/pods?fieldSelector=spec.nodeName!%3Dn1", false],
    ["GET", `${inDefault}/pods?fieldSelector=metadata.name%3Down`, true],
    ["DELETE", `${inDefault}/pods/own`, true],
    ["DELETE", `${inDefault}/pods/other`, false],
    ["DELETE", `${inDefault}/pods`, false],
    ["POST", `${inDefault}/pods/own/eviction`, true],
    ["POST", `${inDefault}/pods/own/exec`, false],
    ["PUT", `${inDefault}/pods/other/status`, false],
    ["GET", `${inDefault}/secrets?watch=1&fieldSelector=metadata.name%3Ds`, true],
    ["PUT", `${inDefault}/secrets/s`, false],
    ["GET", `${inDefault}/serviceaccounts/bot`, true],
    ["POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", true],
    ["POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", false],
    ["GET", "/api/v1/services", true],
    ["POST", "/apis/authentication.k8s.io/v1/tokenreviews", true],
  ])("%s %s: %s", (method, url, allowed) => {
    expect(decideAccess(node, request(method, url), { rbac, nodes: objects }).allowed).toBe(allowed);
  });
});

describe("what is asked for", () => {
  it.each([
    ["GET", `${pods}?fieldSelector=metadata.name%3Da`, { verb: "list", name: "a" }],
    ["GET", `${pods}?fieldSelector=%3D%3D%3D,`, { verb: "list", name: "" }],
    ["GET", "/api/v1/namespaces/default", { verb: "get", namespace: "default", name: "default" }],
    ["GET", "/apis/example.com/v1/namespaces/default/things/a/proxy", { verb: "get", subresource: "proxy" }],
    ["GET", "/api/v1/nodes/n1/proxy/x", { verb: "create", subresource: "proxy", name: "n1" }],
    ["DELETE", "/api/v1/namespaces/default/services/s/proxy", { verb: "create", subresource: "proxy" }],
    ["POST", `${pods}/a/log`, { verb: "create", subresource: "log" }],
  ])("%s %s", (method, url, expected) => {
    expect(request(method, url)).toMatchObject(expected);
  });
});

describe("credentials", () => {
  const carrier = (token: string) =>
    `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;
  const upgrade = (...protocols: string[]) => ({
    upgrade: "websocket",
    "sec-websocket-protocol": protocols.join(", "),
  });
  const abc = { kind: "token", token: "abc" };
  const none = { kind: "none" };
  const malformed = { kind: "malformed" };
  it.each([
    ["in a header", { authorization: "Bearer abc" }, abc],
    ["whatever the case of the scheme", { authorization: "bearer  abc" }, abc],
    ["of another scheme", { authorization: "Basic abc" }, none],
    ["that is empty", { authorization: "Bearer " }, none],
    ["beside a subprotocol", upgrade("v4.channel.k8s.io", carrier("abc")), abc],
    ["in a header before a subprotocol", { authorization: "Bearer abc", ...upgrade("x", carrier("d")) }, abc],
    ["nowhere", upgrade("v4.channel.k8s.io"), none],
    ["without a real subprotocol", upgrade(carrier("abc")), malformed],
    ["twice", upgrade("x", carrier("abc"), carrier("d")), malformed],
    ["that is no base64url", upgrade("x", "base64url.bearer.authorization.k8s.io.a+b="), malformed],
    ["in a subprotocol without an upgrade", { "sec-websocket-protocol": `x, ${carrier("abc")}` }, none],
  ])("a token %s", (_sentence, headers, expected) => {
    expect(bearerToken(headers)).toEqual(expected);
  });

  it.each([
    [[], undefined],
    [
      ["Impersonate-User", "jane", "Impersonate-Group", "a", "Impersonate-Group", "b", "Impersonate-Extra-scopes", "x"],
      { user: "jane", uid: "", groups: ["a", "b"], extra: { scopes: ["x"] } },
    ],
    [["Impersonate-Group", "a"], "incomplete"],
  ])("%j want to be %j", (headers, expected) => {
    expect(parseImpersonation(headers)).toEqual(expected);
  });

  it("static tokens are read as Kubernetes reads them", () => {
    expect(parseTokenFile('t1,jane,u1,"a,b"\n\nt2,joe,u2\n')).toEqual(
      new Map([
        ["t1", { name: "jane", uid: "u1", groups: ["a", "b"] }],
        ["t2", { name: "joe", uid: "u2", groups: [] }],
      ]),
    );
    expect(() => parseTokenFile("secret")).toThrow("line 1: token,user,uid and groups are wanted");
  });
});

it.each([
  ["GET", pods, 'User "jane" cannot list resource "pods" in API group "" in the namespace "default"'],
  ["GET", "/api/v1/nodes/n1", 'User "jane" cannot get resource "nodes" in API group "" at the cluster scope'],
  [
    "GET",
    `${pods}/a/exec`,
    'User "jane" cannot create resource "pods/exec" in API group "" in the namespace "default"',
  ],
  ["GET", "/metrics", 'User "jane" cannot get path "/metrics"'],
])("%s %s: %s", (method, url, message) => {
  expect(forbiddenMessage("jane", request(method, url))).toBe(message);
});
