import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildBusyboxImage } from "@podbus/images";
import { eventuallyPasses, startRegistry, type TestRegistry } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";

/** Images behind a registry that asks who is there: with a Secret of the pod, of its account, of the node, and without. */
const password = "correct horse battery staple";
let registry: TestRegistry;
let podbus: PodbusProcess;
const images: Record<string, string> = {};

beforeAll(async () => {
  registry = await startRegistry({ users: { jane: password } });
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  for (const name of ["secret", "account", "node", "lost"]) {
    // Each its own content: an image that is here already would hide what is asked.
    const image = await buildBusyboxImage({ config: { Env: [`NAME=${name}`] } });
    images[name] = (await registry.push(image, `team/${name}:1`)).name;
  }
  await podbus.kubectlOk(
    ...["create", "secret", "docker-registry", "mine", `--docker-server=${registry.host}`],
    ...["--docker-username=jane", `--docker-password=${password}`],
  );
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const apply = (name: string, image: string | undefined, spec: object = {}) =>
  podbus.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image, command: ["sleep", "1000"] }],
      ...spec,
    },
  });
const isReady = (name: string) => podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`);

async function isRefused(name: string): Promise<void> {
  await eventuallyPasses(
    async () => {
      const pod = JSON.parse(await podbus.kubectlOk("get", "pod", name, "-o", "json"));
      const { reason, message } = pod.status.containerStatuses?.[0]?.state?.waiting ?? {};
      expect(reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
      expect(message).toMatch(/401 Unauthorized|no basic auth credentials|authorization failed/);
    },
    { timeoutMs: 20_000 },
  );
}

describe("a private image", () => {
  it("is not given to a pod without credentials", async () => {
    await apply("nobody", images.secret);
    await isRefused("nobody");
  });

  it("is given to a pod that names a Secret, and then still to no other", async () => {
    await apply("with-secret", images.secret, { imagePullSecrets: [{ name: "mine" }] });
    await isReady("with-secret");
    await apply("still-nobody", images.secret);
    await isRefused("still-nobody");
  });

  it("is given to a pod whose service account has one", async () => {
    const patch = JSON.stringify({ imagePullSecrets: [{ name: "mine" }] });
    await podbus.kubectlOk("create", "serviceaccount", "puller");
    await podbus.kubectlOk("patch", "serviceaccount", "puller", `--patch=${patch}`);
    await apply("with-account", images.account, { serviceAccountName: "puller" });
    await isReady("with-account");
  });

  it("is given to every pod once the node has credentials", async () => {
    const auth = Buffer.from(`jane:${password}`).toString("base64");
    const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
    await writeFile(join(podbus.options.stateDir, "config.json"), config, { mode: 0o600 });
    await apply("on-node", images.node);
    await isReady("on-node");
  });

  it("is asked for without a Secret that is not there, and an event says so", async () => {
    await apply("lost", images.lost, { imagePullSecrets: [{ name: "lost" }] });
    await isReady("lost");
    await eventuallyPasses(async () =>
      expect(await podbus.kubectlOk("get", "events", "--field-selector=involvedObject.name=lost")).toMatch(
        /Warning +FailedToRetrieveImagePullSecret +pod\/lost +Unable to retrieve some image pull secrets \(lost\);/,
      ),
    );
  });

  it("leaves no password in what podbus writes", async () => {
    const logs = join(podbus.options.stateDir, "logs");
    const files = (await readdir(logs, { withFileTypes: true })).filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map(({ name }) => readFile(join(logs, name), "utf8")));
    expect(texts.join("")).toContain("pulling an image");
    const written = [...texts, await podbus.kubectlOk("get", "events,pods", "-A", "-o", "yaml")].join("");
    for (const secret of [password, Buffer.from(`jane:${password}`).toString("base64")]) {
      expect(written).not.toContain(secret);
    }
  });
});
