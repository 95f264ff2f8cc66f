import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import type { DockerEngine } from "./docker-engine.ts";

/**
 * Stand-ins for the base images that our Dockerfile and docker-compose.yml name, where no image registry is in reach:
 * Debian from its archive, with programs that this machine has installed. What differs from the real ones is where the
 * programs come from, not which programs they are.
 */
export async function buildStandInImages(engine: DockerEngine, progress: (done: string) => void): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "podbus-stand-ins-"));
  try {
    await importDebian(engine, dir);
    progress("debian:trixie-slim");
    await buildNode(engine, dir);
    progress("node:24-trixie-slim");
    await build(engine, join(dir, "nats"), {
      tag: "nats:2.12",
      files: { "nats-server": requireBinary("nats-server") },
      steps: ["COPY nats-server /usr/local/bin/", 'ENTRYPOINT ["nats-server"]'],
    });
    progress("nats:2.12");
    await build(engine, join(dir, "registry"), {
      tag: "registry:2",
      files: { "docker-registry": requireBinary("docker-registry") },
      steps: [
        "COPY docker-registry /usr/local/bin/",
        `RUN mkdir -p /etc/docker/registry && echo '${JSON.stringify(registryConfig)}' > /etc/docker/registry/config.yml`,
        "ENV OTEL_TRACES_EXPORTER=none",
        'ENTRYPOINT ["docker-registry", "serve", "/etc/docker/registry/config.yml"]',
      ],
    });
    progress("registry:2");
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** As in the real image. YAML, and so is this JSON. */
const registryConfig = {
  version: 0.1,
  storage: { filesystem: { rootdirectory: "/var/lib/registry" } },
  http: { addr: ":5000" },
};

/** Images trust whom this machine trusts, for its archive and its npm registry. */
const trust = "/etc/ssl/certs/ca-certificates.crt";

const cacheDir = "/var/cache/podbus-tests";
const cacheLifeMs = 7 * 24 * 60 * 60 * 1000;

async function importDebian(engine: DockerEngine, dir: string): Promise<void> {
  const cached = join(cacheDir, "debian-trixie.tar");
  const age = await stat(cached).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  if (age > cacheLifeMs) await packDebian(engine, dir, cached);
  await engine.run("docker", ["import", cached, "debian:trixie-slim"]);
}

/** debootstrap takes a minute, and what it makes changes only with Debian's updates: kept for a week. */
async function packDebian(engine: DockerEngine, dir: string, cached: string): Promise<void> {
  const root = join(dir, "trixie");
  await engine.run("debootstrap", ["--variant=minbase", "trixie", root, await debianArchive(engine)]);
  await mkdir(join(root, dirname(trust)), { recursive: true });
  await cp(trust, join(root, trust));
  await rm(join(root, "var/cache/apt/archives"), { recursive: true });
  await mkdir(cacheDir, { recursive: true });
  const unfinished = `${cached}.${process.pid}`;
  await engine.run("tar", ["-C", root, "--numeric-owner", "-cf", unfinished, "."]);
  await rename(unfinished, cached);
  await rm(root, { recursive: true, force: true });
}

/** Where this machine's own packages come from. */
async function debianArchive(engine: DockerEngine): Promise<string> {
  const uris = await engine.run("apt-get", [
    ...["indextargets", "--format", "$(REPO_URI)"],
    ...["Created-By: Packages", "Origin: Debian", "Label: Debian", "Component: main"],
  ]);
  const [first] = uris.split("\n");
  if (!first) throw new Error("apt names no Debian archive on this machine");
  return first;
}

async function buildNode(engine: DockerEngine, dir: string): Promise<void> {
  const npm = join(dir, "npm");
  await engine.run("npm", ["install", "--prefix", npm, "--no-save", "--no-audit", "--no-fund", "npm@11"]);
  await build(engine, join(dir, "node"), {
    tag: "node:24-trixie-slim",
    files: { node: process.execPath, npm: join(npm, "node_modules", "npm") },
    steps: [
      `ENV NODE_EXTRA_CA_CERTS=${trust}`,
      "COPY node /usr/local/bin/",
      "COPY npm /usr/local/lib/node_modules/npm",
      "RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm",
    ],
  });
}

interface StandIn {
  readonly tag: string;
  /** Name in the build's context: path on this machine. */
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
}

async function build(engine: DockerEngine, context: string, { tag, files, steps }: StandIn): Promise<void> {
  await mkdir(context);
  for (const [name, source] of Object.entries(files)) {
    await cp(source, join(context, name), { recursive: true, dereference: true });
  }
  await writeFile(join(context, "Dockerfile"), `${["FROM debian:trixie-slim", ...steps].join("\n")}\n`);
  await engine.run("docker", ["build", "--tag", tag, context]);
}
