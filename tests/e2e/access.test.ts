import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, freshOptions, PodbusProcess, run } from "../support/podbus-process.ts";

/** Who may do what, asked with the real kubectl: as the admin, as somebody else, and with tokens only. */
let podbus: PodbusProcess;
const namespace = "team";
const robot = `system:serviceaccount:${namespace}:robot`;

beforeAll(async () => {
  podbus = await PodbusProcess.start(await freshOptions());
  await podbus.kubectlOk("create", "namespace", namespace);
  await podbus.kubectlOk("-n", namespace, "create", "serviceaccount", "robot");
  await podbus.kubectlOk("-n", namespace, "create", "configmap", "words", "--from-literal=a=b");
}, 120_000);

afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
}, 120_000);

const kubectl = (...args: string[]) => podbus.kubectl("-n", namespace, ...args);
const kubectlOk = (...args: string[]) => podbus.kubectlOk("-n", namespace, ...args);

/** Without the admin's certificate, which would say who asks before a token is looked at. */
function withToken(token: string, ...args: string[]): Promise<CommandResult> {
  const { apiPort, stateDir } = podbus.options;
  const server = [`--server=https://127.0.0.1:${apiPort}`, `--certificate-authority=${join(stateDir, "pki/ca.crt")}`];
  const own = ["--kubeconfig=/dev/null", ...server, `--token=${token}`, "-n", namespace];
  return run(requireBinary("kubectl"), [...own, ...args], {});
}

async function tokenOf(...args: string[]): Promise<string> {
  return (await kubectlOk("create", "token", "robot", ...args)).trim();
}

const refusal = (who: string, what: string) =>
  `Error from server (Forbidden): ${what.split(" ")[0]} is forbidden: User "${who}" cannot ${what.slice(what.indexOf(" ") + 1)}\n`;
const listing = (resource: string) => `list resource "${resource}" in API group "" in the namespace "${namespace}"`;

describe("whoever asks", () => {
  it("is told who he is", async () => {
    const text = await kubectlOk("auth", "whoami");
    expect(text).toMatch(/^Username +admin$/m);
    expect(text).toMatch(/^Groups +\[system:masters system:authenticated\]$/m);
  });

  it("with a token of a service account, is that account", async () => {
    const { code, stdout } = await withToken(await tokenOf(), "auth", "whoami", "-o", "json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).status.userInfo).toMatchObject({
      username: robot,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [expect.stringMatching(/^JTI=/)] },
    });
  });

  it("with a token that is none, has to log in", async () => {
    const { code, stderr } = await withToken("nonsense", "get", "pods");
    expect(code).toBe(1);
    expect(stderr).toContain("error: You must be logged in to the server");
  });
});

describe("rights", () => {
  it("nobody has any, until they are granted", async () => {
    const token = await tokenOf();
    expect(await withToken(token, "get", "pods")).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(robot, `pods ${listing("pods")}`),
    });
    expect(await withToken(token, "auth", "can-i", "list", "pods")).toMatchObject({ code: 1, stdout: "no\n" });
  });

  it("come by a role and a binding, and go with them", async () => {
    const token = await tokenOf();
    await kubectlOk("create", "role", "reader", "--verb=get,list,watch", "--resource=pods,configmaps");
    await kubectlOk("create", "rolebinding", "robot-reads", "--role=reader", `--serviceaccount=${namespace}:robot`);
    expect(await withToken(token, "get", "configmap", "words", "-o", "jsonpath={.data.a}")).toMatchObject({
      code: 0,
      stdout: "b",
    });
    expect(await withToken(token, "auth", "can-i", "list", "pods")).toMatchObject({ code: 0, stdout: "yes\n" });
    expect((await withToken(token, "auth", "can-i", "--list")).stdout).toMatch(
      /^configmaps +\[\] +\[\] +\[get list watch\]$/m,
    );
    expect((await withToken(token, "delete", "configmap", "words")).stderr).toBe(
      `Error from server (Forbidden): configmaps "words" is forbidden: User "${robot}" cannot delete resource "configmaps" in API group "" in the namespace "${namespace}"\n`,
    );
    expect((await withToken(token, "-n", "default", "get", "pods")).code).toBe(1);
    await kubectlOk("delete", "rolebinding", "robot-reads");
    expect((await withToken(token, "get", "pods")).code).toBe(1);
  });

  it("in the whole cluster come by a cluster role and its binding", async () => {
    const token = await tokenOf();
    const everywhere = () => withToken(token, "get", "nodes", "-o", "name");
    expect((await everywhere()).stderr).toBe(
      `Error from server (Forbidden): nodes is forbidden: User "${robot}" cannot list resource "nodes" in API group "" at the cluster scope\n`,
    );
    await kubectlOk("create", "clusterrole", "nodes", "--verb=list", "--resource=nodes");
    await kubectlOk(
      "create",
      "clusterrolebinding",
      "nodes",
      "--clusterrole=nodes",
      `--serviceaccount=${namespace}:robot`,
    );
    expect(await everywhere()).toMatchObject({ code: 0, stdout: "node/node-1\n" });
  });

  it("view, edit and admin are there, and each can what the one before can", async () => {
    await kubectlOk("create", "rolebinding", "viewers", "--clusterrole=view", "--group=viewers");
    await kubectlOk("create", "rolebinding", "editors", "--clusterrole=edit", "--group=editors");
    await kubectlOk("create", "rolebinding", "admins", "--clusterrole=admin", "--group=admins");
    const may = async (group: string, ...what: string[]) =>
      (await kubectl("auth", "can-i", ...what, "--as=somebody", `--as-group=${group}`)).stdout.trim();
    const answers = (...what: string[]) =>
      Promise.all(["viewers", "editors", "admins"].map((group) => may(group, ...what)));
    expect(await answers("get", "pods")).toEqual(["yes", "yes", "yes"]);
    expect(await answers("get", "secrets")).toEqual(["no", "yes", "yes"]);
    expect(await answers("create", "pods/exec")).toEqual(["no", "yes", "yes"]);
    expect(await answers("create", "rolebindings")).toEqual(["no", "no", "yes"]);
  });

  it("nobody grants what he does not have", async () => {
    const granting = ["create", "rolebinding", "more", "--clusterrole=cluster-admin", "--user=somebody"];
    const refused = await kubectl(...granting, "--as=somebody", "--as-group=admins");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'rolebindings.rbac.authorization.k8s.io "more" is forbidden: user "somebody" (groups=["admins" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
    );
    expect((await kubectl(...granting.with(3, "--clusterrole=edit"), "--as=somebody", "--as-group=admins")).code).toBe(
      0,
    );
  });

  it("auth reconcile adds what is missing", async () => {
    const manifest = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "reader", namespace },
      rules: [{ verbs: ["get"], apiGroups: [""], resources: ["services"] }],
    };
    const input = JSON.stringify(manifest);
    const { code, stdout } = await podbus.kubectlWith({ input }, "auth", "reconcile", "-f", "-");
    expect([code, stdout]).toEqual([0, expect.stringContaining("role.rbac.authorization.k8s.io/reader reconciled\n")]);
    const role = JSON.parse(await kubectlOk("get", "role", "reader", "-o", "json"));
    expect(role.rules).toContainEqual(manifest.rules[0]);
    expect(role.rules.length).toBeGreaterThan(1);
  });

  it("a binding keeps its role", async () => {
    const { code, stderr } = await kubectl("patch", "rolebinding", "viewers", "-p", '{"roleRef":{"name":"edit"}}');
    expect(code).toBe(1);
    expect(stderr).toContain("cannot change roleRef");
  });
});

describe("acting as somebody else", () => {
  it("is for whoever may", async () => {
    expect(await kubectlOk("get", "configmaps", "--as=somebody", "--as-group=viewers", "-o", "name")).toContain(
      "words",
    );
    expect(await kubectl("get", "secrets", "--as=jane")).toMatchObject({
      code: 1,
      stderr: refusal("jane", `secrets ${listing("secrets")}`),
    });
    expect((await withToken(await tokenOf(), "get", "pods", "--as=admin")).stderr).toBe(
      `Error from server (Forbidden): users "admin" is forbidden: User "${robot}" cannot impersonate resource "users" in API group "" at the cluster scope\n`,
    );
  });
});

describe("tokens of service accounts", () => {
  it("live ten minutes at least", async () => {
    const { code, stderr } = await kubectl("create", "token", "robot", "--duration=5m");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 10 minutes",
    );
  });

  it("are for nobody who is not there", async () => {
    const { code, stderr } = await kubectl("create", "token", "nobody");
    expect([code, stderr]).toEqual([1, 'error: failed to create token: serviceaccounts "nobody" not found\n']);
  });

  it("for somebody else are no good here", async () => {
    const { code, stderr } = await withToken(await tokenOf("--audience=vault"), "get", "pods");
    expect(code).toBe(1);
    expect(stderr).toContain("error: You must be logged in to the server");
  });

  it("end with what they are bound to", async () => {
    await kubectlOk("create", "secret", "generic", "anchor");
    const token = await tokenOf("--bound-object-kind=Secret", "--bound-object-name=anchor");
    expect((await withToken(token, "auth", "whoami")).code).toBe(0);
    await kubectlOk("delete", "secret", "anchor");
    expect((await withToken(token, "auth", "whoami")).code).toBe(1);
  });

  it("outlive a restart", async () => {
    const token = await tokenOf();
    await podbus.stop();
    await podbus.startAgain();
    expect((await withToken(token, "auth", "whoami")).stdout).toContain(robot);
  }, 60_000);
});
