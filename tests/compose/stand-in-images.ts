import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DockerEngine } from "./docker-engine.ts";

/**
 * Stand-ins for the base images that our Dockerfiles and docker-compose.yml name, made of Debian's and npm's
 * packages only: what differs from the real ones is where the programs come from, not which programs they are.
 */
export async function buildStandInImages(engine: DockerEngine): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "podbus-stand-ins-"));
  try {
    await importDebian(engine, dir);
    await buildNode(engine, dir);
    await build(engine, dir, "nats:2.12", "RUN apt-get update && apt-get install -y nats-server", '["nats-server"]');
    const serve = '["docker-registry", "serve", "/etc/docker/registry/config.yml"]';
    await build(engine, dir, "registry:2", "RUN apt-get update && apt-get install -y docker-registry", serve);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function importDebian(engine: DockerEngine, dir: string): Promise<void> {
  const root = join(dir, "trixie");
  await engine.run("debootstrap", ["--variant=minbase", "--include=ca-certificates", "trixie", root, await mirror(engine)]);
  await trustWhatThisMachineTrusts(root);
  const archive = join(dir, "trixie.tar");
  await engine.run("tar", ["-C", root, "--numeric-owner", "-cf", archive, "."]);
  await engine.run("docker", ["import", archive, "debian:trixie-slim"]);
  await rm(root, { recursive: true, force: true });
  await rm(archive);
}

/** Where this machine's own packages come from. */
async function mirror(engine: DockerEngine): Promise<string> {
  const uris = await engine.run("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]);
  const [first] = uris.split("\n");
  if (!first) throw new Error("apt names no Debian archive on this machine");
  return first;
}

/** The images install from the same archive and npm registry as this machine, with the same trust. */
async function trustWhatThisMachineTrusts(root: string): Promise<void> {
  const bundle = "/etc/ssl/certs/ca-certificates.crt";
  await cp(bundle, join(root, bundle));
  for (const file of ["/etc/npmrc", "/root/.npmrc"]) {
    const settings = await readFile(file, "utf8").catch(() => undefined);
    if (settings === undefined) continue;
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), settings, { mode: 0o600 });
  }
}

async function buildNode(engine: DockerEngine, dir: string): Promise<void> {
  const context = join(dir, "node");
  await mkdir(context);
  await cp(process.execPath, join(context, "node"));
  const modules = (await engine.run("npm", ["root", "--global"])).trim();
  await cp(join(modules, "npm"), join(context, "npm"), { recursive: true, dereference: true });
  const dockerfile = [
    "FROM debian:trixie-slim",
    "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
    "COPY node /usr/local/bin/node",
    "COPY npm /usr/local/lib/node_modules/npm",
    "RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm",
  ];
  await writeFile(join(context, "Dockerfile"), `${dockerfile.join("\n")}\n`);
  await engine.run("docker", ["build", "--tag", "node:24-trixie-slim", context]);
}

async function build(engine: DockerEngine, dir: string, tag: string, step: string, entrypoint: string): Promise<void> {
  const context = join(dir, tag.replace(":", "-"));
  await mkdir(context);
  await writeFile(join(context, "Dockerfile"), `FROM debian:trixie-slim\n${step}\nENTRYPOINT ${entrypoint}\n`);
  await engine.run("docker", ["build", "--network", "host", "--tag", tag, context]);
}
