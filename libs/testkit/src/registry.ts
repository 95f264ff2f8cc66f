import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { requireBinary } from "@podbus/binaries";
import { type ImageTree, pushImage, type RegistryConfig, renderRegistryConfig } from "@podbus/images";
import { hash } from "bcryptjs";
import { accepts, ChildServer } from "./child-server.ts";
import { freePort } from "./free-port.ts";
import { issueLocalCertificate } from "./registry-certificate.ts";

export interface RegistryOptions {
  /** Passwords by user: only these may read and write. Default: anybody. */
  readonly users?: Readonly<Record<string, string>>;
  /** With a certificate that nobody knows: `certificatePem` is what clients have to trust. Default: plain http. */
  readonly tls?: boolean;
}

export interface TestRegistry extends AsyncDisposable {
  /** "127.0.0.1:41234": the first part of an image's name. */
  readonly host: string;
  readonly url: string;
  /** Of a registry with TLS. */
  readonly certificatePem: string | undefined;
  /** Uploads an image, as the first of the users, and answers its whole name. */
  push(image: ImageTree, repositoryAndTag: string): Promise<{ readonly name: string; readonly digest: string }>;
  /** Nobody listens any more, until start. What was pushed stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A real registry on 127.0.0.1, empty. */
export async function startRegistry({ users = {}, tls = false }: RegistryOptions = {}): Promise<TestRegistry> {
  const dir = await mkdtemp(join(tmpdir(), "podbus-registry-"));
  const port = await freePort();
  const configFile = join(dir, "config.yml");
  const secured = tls ? await writeCertificate(dir) : undefined;
  const htpasswdFile = await writeUsers(dir, users);
  await writeFile(
    configFile,
    renderRegistryConfig({ dir: join(dir, "data"), port, ...secured?.config, ...htpasswdFile }),
  );
  const server = new ChildServer({
    name: "docker-registry",
    command: requireBinary("docker-registry"),
    args: ["serve", configFile],
    env: { OTEL_TRACES_EXPORTER: "none" },
    logFile: join(dir, "registry.log"),
    ready: () => accepts(port),
  });
  const host = `127.0.0.1:${port}`;
  const url = `${tls ? "https" : "http"}://${host}`;
  const dispose = async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    host,
    url,
    certificatePem: secured?.certificatePem,
    push: async (image, repositoryAndTag) => {
      const [repository = "", tag = "latest"] = repositoryAndTag.split(":");
      const { digest } = await pushImage(image, { registryUrl: url, repository, tag, ...firstOf(users) });
      return { name: `${host}/${repository}:${tag}`, digest };
    },
    stop: () => server.stop(),
    start: () => server.start(),
    [Symbol.asyncDispose]: dispose,
  };
}

async function writeCertificate(dir: string): Promise<{ certificatePem: string; config: Pick<RegistryConfig, "tls"> }> {
  const { certificatePem, keyPem } = await issueLocalCertificate();
  const tls = { certificateFile: join(dir, "registry.crt"), keyFile: join(dir, "registry.key") };
  await writeFile(tls.certificateFile, certificatePem);
  await writeFile(tls.keyFile, keyPem);
  // fetch, which uploads with, takes authorities only from this list of the process.
  setDefaultCACertificates([...getCACertificates("default"), certificatePem]);
  return { certificatePem, config: { tls } };
}

async function writeUsers(dir: string, users: Readonly<Record<string, string>>): Promise<{ htpasswdFile?: string }> {
  if (Object.keys(users).length === 0) return {};
  const htpasswdFile = join(dir, "htpasswd");
  // The registry reads bcrypt only. The cheapest: it is checked at every request.
  const lines = Object.entries(users).map(async ([user, password]) => `${user}:${await hash(password, 4)}\n`);
  await writeFile(htpasswdFile, await Promise.all(lines));
  return { htpasswdFile };
}

function firstOf(users: Readonly<Record<string, string>>) {
  const [first] = Object.entries(users);
  return first ? { credentials: { username: first[0], password: first[1] } } : {};
}
