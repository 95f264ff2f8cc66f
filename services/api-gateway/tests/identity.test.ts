import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture, podManifest } from "./gateway-fixture.ts";

const inDefault = "/api/v1/namespaces/default";
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const reviews = "/apis/authentication.k8s.io/v1";

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
  await gateway.post(`${inDefault}/serviceaccounts`, { metadata: { name: "bot" } });
  const rule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };
  await gateway.post(`${rbac}/namespaces/default/roles`, { metadata: { name: "reader" }, rules: [rule] });
  await gateway.post(`${rbac}/namespaces/default/rolebindings`, {
    metadata: { name: "readers" },
    subjects: [
      { kind: "ServiceAccount", name: "bot" },
      { kind: "Group", name: "people" },
    ],
    roleRef: { kind: "Role", name: "reader" },
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const bearer = (token: string, more: Record<string, string> = {}) =>
  ({ as: "nobody", headers: { authorization: `Bearer ${token}`, ...more } }) as const;
const whoAmI = async (options: Parameters<GatewayFixture["post"]>[2]) =>
  (await gateway.post(`${reviews}/selfsubjectreviews`, {}, options)).body.status.userInfo;

async function tokenOf(name: string, spec: object = {}): Promise<string> {
  const { body } = await gateway.post(`${inDefault}/serviceaccounts/${name}/token`, { spec });
  return body.status.token;
}

describe("static tokens", () => {
  it("name their user", async () => {
    expect(await whoAmI(bearer("static-token"))).toEqual({
      username: "robot",
      uid: "uid-1",
      groups: ["people", "others", "system:authenticated"],
    });
  });

  it.each(["", "another-token"])("a bad one (%j) is 401, even where anyone might read", async (token) => {
    expect((await gateway.get(`${inDefault}/pods`, bearer(token))).code).toBe(401);
  });

  it.each(["/healthz", "/version"])("a bad credential is 401 for %s, too, where none would do", async (path) => {
    expect((await gateway.get(path, { as: "nobody" })).code).toBe(200);
    expect((await gateway.get(path, bearer("another-token"))).code).toBe(401);
    expect((await gateway.get(path, { as: "stranger" })).code).toBe(401);
  });

  it("can be reviewed, for the API server and for nobody else", async () => {
    const review = async (spec: object) => (await gateway.post(`${reviews}/tokenreviews`, { spec })).body.status;
    expect(await review({ token: "static-token" })).toMatchObject({
      authenticated: true,
      user: { username: "robot", uid: "uid-1" },
    });
    expect(await review({ token: "static-token", audiences: ["vault"] })).toEqual({
      authenticated: false,
      error: "invalid bearer token",
    });
  });
});

describe("tokens of service accounts", () => {
  it("are good for what the account may do", async () => {
    const options = bearer(await tokenOf("bot"));
    expect(await whoAmI(options)).toMatchObject({
      username: "system:serviceaccount:default:bot",
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    });
    expect((await gateway.get(`${inDefault}/pods`, options)).code).toBe(200);
    expect((await gateway.get(`${inDefault}/secrets`, options)).code).toBe(403);
  });

  it("for somebody else are no good here", async () => {
    const token = await tokenOf("bot", { audiences: ["vault"] });
    expect((await gateway.get(`${inDefault}/pods`, bearer(token))).code).toBe(401);
    const review = await gateway.post(`${reviews}/tokenreviews`, { spec: { token, audiences: ["vault", "x"] } });
    expect(review.body.status).toMatchObject({
      authenticated: true,
      audiences: ["vault"],
      user: { username: "system:serviceaccount:default:bot" },
    });
  });

  it("end with the account, and with the object that they are bound to", async () => {
    await gateway.post(`${inDefault}/serviceaccounts`, { metadata: { name: "brief" } });
    const spec = { serviceAccountName: "bot", containers: [{ name: "c", image: "i" }] };
    await gateway.post(`${inDefault}/pods`, { ...podManifest("holder"), spec });
    const own = await tokenOf("brief");
    const bound = await tokenOf("bot", { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "holder" } });
    expect(await whoAmI(bearer(bound))).toMatchObject({
      extra: { "authentication.kubernetes.io/pod-name": ["holder"] },
    });
    await gateway.delete(`${inDefault}/serviceaccounts/brief`);
    await gateway.post(`${inDefault}/serviceaccounts`, { metadata: { name: "brief" } });
    await gateway.delete(`${inDefault}/pods/holder`, { gracePeriodSeconds: 0 });
    for (const token of [own, bound]) expect((await gateway.get("/api", bearer(token))).code).toBe(401);
  });

  it.each([
    ["a short life", { expirationSeconds: 60 }, 422, /may not specify a duration less than 10 minutes/],
    ["an object that there is not", { boundObjectRef: { kind: "Pod", name: "gone" } }, 404, /pods "gone" not found/],
    [
      "an object of another kind",
      { boundObjectRef: { apiVersion: "v1", kind: "ConfigMap", name: "x" } },
      400,
      /^cannot bind token to object of type v1, Kind=ConfigMap$/,
    ],
    [
      "a pod of another account",
      { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "other" } },
      400,
      /^cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name\.$/,
    ],
    [
      "a pod that has been made anew",
      { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "same", uid: "before" } },
      409,
      /the UID in the bound object reference \(before\) does not match the UID in record/,
    ],
  ])("%s is refused", async (_name, spec, code, message) => {
    const { name } = (spec as { boundObjectRef?: { name: string } }).boundObjectRef ?? {};
    const containers = [{ name: "c", image: "i" }];
    const account = { other: "somebody", same: "bot" }[name ?? ""];
    if (name && account) {
      await gateway.post(`${inDefault}/pods`, {
        ...podManifest(name),
        spec: { serviceAccountName: account, containers },
      });
    }
    const answer = await gateway.post(`${inDefault}/serviceaccounts/bot/token`, { spec });
    expect(answer.code).toBe(code);
    expect(answer.body.message).toMatch(message);
  });

  it("can be checked by others", async () => {
    const options = bearer(await tokenOf("bot"));
    const { body } = await gateway.get("/.well-known/openid-configuration", options);
    expect(body).toMatchObject({ issuer: "https://kubernetes.default.svc.cluster.local" });
    const keys = await gateway.get("/openid/v1/jwks", options);
    expect(keys.headers).toMatchObject({
      "content-type": "application/jwk-set+json",
      "cache-control": "public, max-age=3600",
    });
    expect(keys.body.keys).toMatchObject([{ kty: "EC", alg: "ES256", use: "sig" }]);
    // The private part stays here.
    expect(keys.text).not.toContain('"d"');
  });
});

describe("impersonation", () => {
  it.each([
    [
      "system:serviceaccount:default:bot",
      undefined,
      ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    ],
    ["system:serviceaccount:default:bot", "people", ["people", "system:authenticated"]],
    ["system:anonymous", undefined, ["system:unauthenticated"]],
    ["jane", "system:authenticated", ["system:authenticated"]],
  ])("of %s in %s", async (user, group, groups) => {
    const headers = { "impersonate-user": user, ...(group ? { "impersonate-group": group } : {}) };
    const rights = await gateway.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, { headers });
    // Nobody may not even ask who he is.
    if (user === "system:anonymous") expect(rights.code).toBe(403);
    else expect(rights.body.status.userInfo).toEqual({ username: user, groups });
  });

  it("by whoever may", async () => {
    const headers = { "impersonate-user": "jane", "impersonate-group": "people" };
    expect(await whoAmI({ headers })).toMatchObject({ username: "jane", groups: ["people", "system:authenticated"] });
    expect((await gateway.get(`${inDefault}/secrets`, { headers })).code).toBe(403);
  });

  it("by nobody else, and not by halves", async () => {
    const other = await gateway.get(`${inDefault}/pods`, { as: "jane", headers: { "impersonate-user": "root" } });
    expect([other.code, other.body.message]).toEqual([
      403,
      'users "root" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    ]);
    expect((await gateway.get(`${inDefault}/pods`, { headers: { "impersonate-group": "people" } })).code).toBe(400);
  });
});

describe("access reviews", () => {
  const authorization = "/apis/authorization.k8s.io/v1";
  const attributes = (verb: string) => ({ namespace: "default", verb, resource: "pods" });
  it.each([
    ["list", true],
    ["delete", false],
  ])("may jane %s pods? %s", async (verb, allowed) => {
    const spec = { resourceAttributes: attributes(verb) };
    const own = await gateway.post(`${authorization}/selfsubjectaccessreviews`, { spec }, { as: "jane" });
    expect(own.body.status.allowed).toBe(allowed);
    const asked = { ...spec, user: "jane", groups: ["people"] };
    expect((await gateway.post(`${authorization}/subjectaccessreviews`, { spec: asked })).body.status.allowed).toBe(
      allowed,
    );
  });

  it("all that jane may", async () => {
    const { body } = await gateway.post(
      `${authorization}/selfsubjectrulesreviews`,
      { spec: { namespace: "default" } },
      { as: "jane" },
    );
    expect(body.status.resourceRules).toContainEqual({ verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] });
    expect(body.status).toMatchObject({ incomplete: false });
  });
});

describe("rights are not made of nothing", () => {
  it("a role with more than its writer has", async () => {
    await gateway.post(`${rbac}/namespaces/default/roles`, {
      metadata: { name: "role-writer" },
      rules: [{ verbs: ["create"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings"] }],
    });
    await gateway.post(`${rbac}/namespaces/default/rolebindings`, {
      metadata: { name: "role-writers" },
      subjects: [{ kind: "User", name: "jane" }],
      roleRef: { kind: "Role", name: "role-writer" },
    });
    const write = (rule: object) =>
      gateway.post(
        `${rbac}/namespaces/default/roles`,
        { metadata: { generateName: "r-" }, rules: [rule] },
        { as: "jane" },
      );
    expect((await write({ verbs: ["get"], apiGroups: [""], resources: ["pods"] })).code).toBe(201);
    const refused = await write({ verbs: ["get"], apiGroups: [""], resources: ["secrets"] });
    expect(refused.code).toBe(403);
    expect(refused.body.message).toContain(
      'is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    );
    const binding = {
      metadata: { name: "up" },
      subjects: [{ kind: "User", name: "jane" }],
      roleRef: { kind: "ClusterRole", name: "edit" },
    };
    expect((await gateway.post(`${rbac}/namespaces/default/rolebindings`, binding, { as: "jane" })).code).toBe(403);
  });

  const bindTo = (kind: string, role: string) => ({
    metadata: { generateName: "b-" },
    subjects: [{ kind: "User", name: "jane" }],
    roleRef: { kind, name: role },
  });

  it("a binding to a role that is not there yet, and may become anything", async () => {
    const path = `${rbac}/namespaces/default/rolebindings`;
    const answer = await gateway.post(path, bindTo("Role", "later"), { as: "jane" });
    expect([answer.code, answer.body.message]).toEqual([404, 'roles.rbac.authorization.k8s.io "later" not found']);
  });

  it("what the verbs bind and escalate allow is not asked again", async () => {
    const group = { apiGroups: ["rbac.authorization.k8s.io"] };
    await gateway.post(`${rbac}/namespaces/default/roles`, {
      metadata: { name: "granter" },
      rules: [
        { ...group, verbs: ["bind"], resources: ["clusterroles"], resourceNames: ["edit"] },
        { ...group, verbs: ["update", "patch", "escalate"], resources: ["roles"], resourceNames: ["grown"] },
      ],
    });
    await gateway.post(`${rbac}/namespaces/default/roles`, { metadata: { name: "grown" }, rules: [] });
    await gateway.post(`${rbac}/namespaces/default/rolebindings`, bindTo("Role", "granter"));
    const path = `${rbac}/namespaces/default/rolebindings`;
    expect((await gateway.post(path, bindTo("ClusterRole", "edit"), { as: "jane" })).code).toBe(201);
    expect((await gateway.post(path, bindTo("ClusterRole", "cluster-admin"), { as: "jane" })).code).toBe(403);
    const grown = await gateway.ask("PATCH", `${rbac}/namespaces/default/roles/grown`, {
      as: "jane",
      headers: { "content-type": "application/merge-patch+json" },
      body: { rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] },
    });
    expect(grown.code).toBe(200);
  });

  it("an aggregated role, by whoever may not do everything", async () => {
    const rule = { verbs: ["create"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] };
    await gateway.post(`${rbac}/clusterroles`, { metadata: { name: "cluster-role-writer" }, rules: [rule] });
    await gateway.post(`${rbac}/clusterrolebindings`, bindTo("ClusterRole", "cluster-role-writer"));
    const gathering = {
      metadata: { name: "gathering" },
      rules: [],
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
    };
    const refused = await gateway.post(`${rbac}/clusterroles`, gathering, { as: "jane" });
    expect([refused.code, refused.body.message]).toEqual([
      403,
      'clusterroles.rbac.authorization.k8s.io "gathering" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    ]);
    expect((await gateway.post(`${rbac}/clusterroles`, gathering)).code).toBe(201);
  });

  it("a binding keeps its role", async () => {
    const path = `${rbac}/namespaces/default/rolebindings/readers`;
    const answer = await gateway.patch(path, "merge", { roleRef: { name: "role-writer" } });
    expect([answer.code, answer.body.message]).toEqual([422, expect.stringContaining("cannot change roleRef")]);
  });
});

it("aggregated roles are there from the start", async () => {
  const { body } = await gateway.get(`${rbac}/clusterroles/admin`);
  expect(body.rules.length).toBeGreaterThan(10);
});

it("who may apply may not create by it", async () => {
  const rules = [{ verbs: ["patch"], apiGroups: [""], resources: ["configmaps"] }];
  await gateway.post(`${rbac}/namespaces/default/roles`, { metadata: { name: "patcher" }, rules });
  await gateway.post(`${rbac}/namespaces/default/rolebindings`, {
    metadata: { name: "patchers" },
    subjects: [{ kind: "User", name: "robot" }],
    roleRef: { kind: "Role", name: "patcher" },
  });
  const apply = ({ headers, ...options }: Parameters<GatewayFixture["get"]>[1] = {}) =>
    gateway.ask("PATCH", `${inDefault}/configmaps/applied?fieldManager=m`, {
      ...options,
      headers: { ...headers, "content-type": "application/apply-patch+yaml" },
      body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied" }, data: { a: "b" } },
    });
  const refused = await apply(bearer("static-token"));
  expect([refused.code, refused.body.message]).toEqual([
    403,
    'configmaps "applied" is forbidden: User "robot" cannot create resource "configmaps" in API group "" in the namespace "default"',
  ]);
  expect((await apply()).code).toBe(201);
  expect((await apply(bearer("static-token"))).code).toBe(200);
});

describe("a node", () => {
  const as = "node";
  const ask = (method: string, path: string, body?: object) =>
    gateway.ask(method, path, { as, ...(body ? { body } : {}) });
  const lease = (name: string) => ({ metadata: { name } });
  const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

  it("reads its own pods and nothing else's", async () => {
    await gateway.post(`${inDefault}/pods`, podManifest("here"));
    await gateway.bind("here", "n1");
    expect((await gateway.get(`${inDefault}/pods/here`, { as })).code).toBe(200);
    expect((await gateway.get("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", { as })).body.items).toHaveLength(1);
    const all = await gateway.get(`${inDefault}/pods`, { as });
    expect([all.code, all.body.message]).toEqual([
      403,
      'pods is forbidden: User "system:node:n1" cannot list resource "pods" in API group "" in the namespace "default": can only list/watch pods with spec.nodeName field selector',
    ]);
  });

  it("writes itself and its lease, and nobody else's", async () => {
    expect((await ask("POST", "/api/v1/nodes", { metadata: { name: "n1" } })).code).toBe(201);
    const other = await ask("POST", "/api/v1/nodes", { metadata: { name: "n2" } });
    expect([other.code, other.body.message]).toEqual([
      403,
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    ]);
    expect((await ask("POST", leases, lease("n1"))).code).toBe(201);
    expect((await ask("POST", leases, lease("n2"))).code).toBe(403);
  });

  it("may not draw work to itself", async () => {
    const answer = await gateway.ask("PATCH", "/api/v1/nodes/n1", {
      as,
      headers: { "content-type": "application/merge-patch+json" },
      body: { metadata: { labels: { "node-restriction.kubernetes.io/a": "b" } } },
    });
    expect([answer.code, answer.body.message]).toEqual([
      403,
      'nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/a',
    ]);
  });

  it("writes the status of its pods, and asks for tokens of theirs only", async () => {
    const { body: here } = await gateway.get(`${inDefault}/pods/here`);
    expect((await ask("PUT", `${inDefault}/pods/here/status`, { ...here, status: { phase: "Running" } })).code).toBe(
      200,
    );
    const containers = [{ name: "c", image: "i" }];
    const { body: mine } = await gateway.post(`${inDefault}/pods`, {
      ...podManifest("mine"),
      spec: { serviceAccountName: "bot", containers },
    });
    await gateway.bind("mine", "n1");
    const token = (spec: object) => ask("POST", `${inDefault}/serviceaccounts/bot/token`, { spec });
    expect((await token({})).code).toBe(403);
    const bound = { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "mine", uid: mine.metadata.uid } };
    expect((await token(bound)).code).toBe(201);
  });
});
