import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess, run } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** How a program in a pod reaches the Kubernetes API: what it finds in its files and variables is enough. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let directory: string;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start({ ...(await freshOptions([registry.host])), apiAddress: "0.0.0.0" });
  directory = await mkdtemp(join(tmpdir(), "podbus-pod-access-"));
  const labels = "--labels=app=client";
  await podbus.kubectlOk("run", "client", `--image=${registry.busybox}`, labels, "--", "sleep", "100000");
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/client");
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 120_000);

const inPod = (...command: string[]) => podbus.kubectlOk("exec", "client", "--", ...command);
const mounted = (file: string) => inPod("cat", `/var/run/secrets/kubernetes.io/serviceaccount/${file}`);

describe("a pod", () => {
  it("finds the API, whom to trust, its namespace and a token that says who it is", async () => {
    const [token, authority, namespace] = await Promise.all(["token", "ca.crt", "namespace"].map(mounted));
    expect(namespace).toBe("default");
    const address = await inPod("sh", "-c", "echo -n $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT");
    const [host = "", port = ""] = address.split(":");
    await inPod("sh", "-c", `echo | nc -w 5 ${host} ${port}`);
    expect(await podbus.kubectlOk("get", "endpoints", "kubernetes", "--no-headers")).toMatch(
      new RegExp(`^kubernetes +${address} `),
    );
    expect(await podbus.kubectlOk("describe", "service", "kubernetes")).toMatch(
      new RegExp(`^Endpoints: +${address}$`, "m"),
    );
    const authorityFile = join(directory, "ca.crt");
    await writeFile(authorityFile, authority ?? "");
    const asPod = ["--kubeconfig=/dev/null", `--server=https://${address}`, `--certificate-authority=${authorityFile}`];
    const kubectl = (...args: string[]) => run(requireBinary("kubectl"), [...asPod, `--token=${token}`, ...args], {});
    const { stdout } = await kubectl("auth", "whoami", "-o", "json");
    expect(JSON.parse(stdout).status.userInfo).toMatchObject({
      username: "system:serviceaccount:default:default",
      extra: { "authentication.kubernetes.io/pod-name": ["client"] },
    });
    expect(await kubectl("get", "pods")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('User "system:serviceaccount:default:default" cannot list resource "pods"'),
    });
    // Bound to the pod: it is worth nothing once the pod is gone.
    await podbus.kubectlOk("delete", "pod", "client", "--grace-period=0", "--force");
    await eventuallyPasses(async () =>
      expect(await kubectl("auth", "whoami")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("Unauthorized"),
      }),
    );
  });

  it("that wants no token finds none", async () => {
    const overrides = JSON.stringify({ spec: { automountServiceAccountToken: false } });
    await podbus.kubectlOk(
      "run",
      "plain",
      `--image=${registry.busybox}`,
      `--overrides=${overrides}`,
      "--",
      "sleep",
      "1000",
    );
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/plain");
    expect(await podbus.kubectl("exec", "plain", "--", "ls", "/var/run/secrets")).toMatchObject({ code: 1 });
    expect(await podbus.kubectlOk("describe", "pod", "plain")).toMatch(/Mounts: +<none>/);
  });

  it("is called and finds others as its spec says", async () => {
    const main = { name: "main", image: registry.busybox, command: ["sleep", "1000"] };
    await podbus.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "named" },
      spec: {
        hostname: "db",
        subdomain: "shop",
        setHostnameAsFQDN: true,
        hostAliases: [{ ip: "192.0.2.7", hostnames: ["ledger.example"] }],
        dnsPolicy: "None",
        dnsConfig: {
          nameservers: ["192.0.2.53"],
          searches: ["shop.example"],
          options: [{ name: "ndots", value: "2" }],
        },
        terminationGracePeriodSeconds: 0,
        containers: [main],
      },
    });
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/named");
    const said = async (...command: string[]) => podbus.kubectlOk("exec", "named", "--", ...command);
    expect(await said("hostname")).toBe("db.shop.default.svc.cluster.local\n");
    expect(await said("cat", "/etc/resolv.conf")).toBe("search shop.example\nnameserver 192.0.2.53\noptions ndots:2\n");
    const hosts = await said("cat", "/etc/hosts");
    expect(hosts).toMatch(/^[0-9.]+\tdb\.shop\.default\.svc\.cluster\.local\tdb$/m);
    expect(hosts).toContain("192.0.2.7\tledger.example\n");
  });
});
