import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { type ImageTree, pushImage, renderRegistryConfig } from "@podbus/images";
import { accepts, ChildServer } from "./child-server.ts";
import { freePort } from "./free-port.ts";

export interface TestRegistry extends AsyncDisposable {
  /** "127.0.0.1:41234": the first part of an image's name. */
  readonly host: string;
  readonly url: string;
  /** Uploads an image and answers its whole name. */
  push(image: ImageTree, repositoryAndTag: string): Promise<{ readonly name: string; readonly digest: string }>;
  /** Nobody listens any more, until start. What was pushed stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A real registry on 127.0.0.1, plain http, empty. */
export async function startRegistry(): Promise<TestRegistry> {
  const dir = await mkdtemp(join(tmpdir(), "podbus-registry-"));
  const port = await freePort();
  const configFile = join(dir, "config.yml");
  await writeFile(configFile, renderRegistryConfig({ dir: join(dir, "data"), port }));
  const server = new ChildServer({
    name: "docker-registry",
    command: requireBinary("docker-registry"),
    args: ["serve", configFile],
    env: { OTEL_TRACES_EXPORTER: "none" },
    logFile: join(dir, "registry.log"),
    ready: () => accepts(port),
  });
  const host = `127.0.0.1:${port}`;
  const url = `http://${host}`;
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
    push: async (image, repositoryAndTag) => {
      const [repository = "", tag = "latest"] = repositoryAndTag.split(":");
      const { digest } = await pushImage(image, { registryUrl: url, repository, tag });
      return { name: `${host}/${repository}:${tag}`, digest };
    },
    stop: () => server.stop(),
    start: () => server.start(),
    [Symbol.asyncDispose]: dispose,
  };
}
