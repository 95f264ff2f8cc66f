import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Client } from "@podbus/bus";
import type { NodeApi } from "@podbus/contracts";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { ConfigMap, Pod, Secret, Volume } from "@podbus/kube";
import { commonUser } from "../domain/common-user.ts";
import { fieldValue, resourceValue } from "../domain/downward-api.ts";
import { type EmptyDirMount, emptyDirMount } from "../domain/empty-dir-mount.ts";
import { type MountPlace, type NodeDirectories, podPaths } from "../domain/pod-paths.ts";
import { podRefOf } from "../domain/pod-ref.ts";
import { allContainers } from "../domain/restart-policy.ts";
import { hostIdOf } from "../domain/user-namespace.ts";
import {
  configMapFiles,
  isFromApi,
  safePath,
  secretFiles,
  type VolumeFile,
  type VolumeFiles,
} from "../domain/volume-files.ts";
import { type VolumeOwner, volumeGroup, volumeOwner } from "../domain/volume-owner.ts";
import type { PodUsers, PodVolumes } from "../ports.ts";
import { writeAtomically } from "./atomic-writer.ts";
import { openInside } from "./open-inside.ts";
import type { PodTokens, TokenTerms } from "./pod-tokens.ts";

const run = promisify(execFile);

export interface PodVolumesOptions {
  readonly directories: NodeDirectories;
  readonly api: Client<typeof NodeApi>;
  readonly tokens: PodTokens;
  readonly users: PodUsers;
  readonly allocatable: Readonly<Record<string, string>>;
}

const defaultFileMode = 0o644;
/** statfs(2). */
const tmpfsMagic = 0x01021994;

/** Volumes on this machine: directories, files from the API, and the host's own paths. */
export class LocalPodVolumes implements PodVolumes {
  readonly #options: PodVolumesOptions;

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  async ensure(pod: Pod, signal: AbortSignal): Promise<void> {
    await Promise.all((pod.spec.volumes ?? []).map((volume) => this.#ensureNamed(pod, volume, signal)));
  }

  async refresh(pod: Pod, signal: AbortSignal): Promise<void> {
    const changing = (pod.spec.volumes ?? []).filter(isFromApi);
    await Promise.all(changing.map((volume) => this.#ensureNamed(pod, volume, signal)));
  }

  paths(pod: Pod): ReadonlyMap<string, string> {
    return new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, this.#path(pod, volume)]));
  }

  async mountSubPath(pod: Pod, place: MountPlace, subPath: string): Promise<string> {
    const { directories, users } = this.#options;
    const volume = pod.spec.volumes?.find(({ name }) => name === place.volume);
    if (!volume) throw new PodbusError({ code: "NOT_FOUND", message: `no volume ${place.volume}` });
    const ownerId = hostIdOf(await users.ensure(pod), 0);
    await using found = await openInside(this.#path(pod, volume), subPath, { ownerId });
    const target = podPaths.subPath(directories, pod, place);
    // Of an earlier run, perhaps of other files.
    if (await isMounted(target)) await run("umount", [target]);
    await rm(target, { recursive: true, force: true });
    await mkdir(dirname(target), { recursive: true });
    if ((await found.stat()).isDirectory()) await mkdir(target);
    else await writeFile(target, "");
    // By its descriptor, which no link can lead elsewhere.
    await run("mount", ["--no-canonicalize", "--bind", `/proc/${process.pid}/fd/${found.fd}`, target]);
    return target;
  }

  async remove(pod: Pod): Promise<void> {
    const { directories, tokens } = this.#options;
    tokens.forget(pod.metadata.uid ?? "");
    await unmountBelow(podPaths.state(directories, pod));
    await rm(podPaths.run(directories, pod), { recursive: true, force: true });
  }

  #path(pod: Pod, volume: Volume): string {
    if (volume.hostPath) return volume.hostPath.path;
    const { directories } = this.#options;
    return volume.emptyDir
      ? podPaths.emptyDir(directories, pod, volume.name)
      : podPaths.projected(directories, pod, volume.name);
  }

  async #ensureNamed(pod: Pod, volume: Volume, signal: AbortSignal): Promise<void> {
    try {
      await this.#ensureOne(pod, volume, signal);
    } catch (thrown) {
      const { code, message } = toPodbusError(thrown);
      // kubelet's text of the FailedMount event.
      const text = `MountVolume.SetUp failed for volume "${volume.name}" : ${message}`;
      throw new PodbusError({ code, reason: "FailedMount", message: text, cause: thrown });
    }
  }

  async #ensureOne(pod: Pod, volume: Volume, signal: AbortSignal): Promise<void> {
    if (volume.hostPath) return ensureHostPath(volume.hostPath.path, volume.hostPath.type ?? "");
    const users = await this.#options.users.ensure(pod);
    if (volume.emptyDir)
      return ensureEmptyDir(this.#path(pod, volume), emptyDirMount(pod, volume.emptyDir), volumeOwner(pod, users));
    if (volume.secret || volume.projected) await this.#requireTmpfs();
    const files = await this.#files(pod, volume, signal);
    await writeAtomically(this.#path(pod, volume), files, volumeOwner(pod, users));
  }

  /** Secrets must not reach a disk. */
  async #requireTmpfs(): Promise<void> {
    const { runDir } = this.#options.directories;
    if ((await statfs(runDir)).type === tmpfsMagic) return;
    const message = `the run directory ${runDir} is not on a tmpfs: secrets are not written to a disk`;
    throw new PodbusError({ code: "FAILED_PRECONDITION", message });
  }

  async #files(pod: Pod, volume: Volume, signal: AbortSignal): Promise<VolumeFiles> {
    const { configMap, secret, downwardAPI, projected } = volume;
    const fetch = { pod, signal };
    if (configMap) return this.#configMap(fetch, configMap, configMap.defaultMode);
    if (secret) return this.#secret(fetch, { ...secret, name: secret.secretName }, secret.defaultMode);
    if (downwardAPI) return this.#downward(pod, downwardAPI.items ?? [], downwardAPI.defaultMode);
    if (!projected)
      throw new PodbusError({ code: "UNIMPLEMENTED", message: "this type of volume is not supported by podbus" });
    const parts = (projected.sources ?? []).map((source) => {
      if (source.configMap) return this.#configMap(fetch, source.configMap, projected.defaultMode);
      if (source.secret) return this.#secret(fetch, source.secret, projected.defaultMode);
      if (source.downwardAPI) return this.#downward(pod, source.downwardAPI.items ?? [], projected.defaultMode);
      if (source.serviceAccountToken) return this.#token(fetch, source.serviceAccountToken, projected.defaultMode);
      throw new PodbusError({
        code: "UNIMPLEMENTED",
        message: "this source of a projected volume is not supported by podbus",
      });
    });
    return new Map((await Promise.all(parts)).flatMap((files) => [...files]));
  }

  /** kubelet: pkg/volume/projected; who is not root may read it too where the pod says who that is. */
  async #token(
    { pod, signal }: Fetch,
    { path, ...terms }: TokenTerms & { readonly path: string },
    defaultMode = defaultFileMode,
  ): Promise<VolumeFiles> {
    const token = await this.#options.tokens.token(pod, terms, signal);
    const owner = commonUser(pod);
    const mode = owner !== undefined || volumeGroup(pod) !== undefined ? 0o600 : defaultMode;
    const file = { content: Buffer.from(token), mode, ...(owner === undefined ? {} : { owner }) };
    return new Map([[safePath(path), file]]);
  }

  async #configMap(fetch: Fetch, source: Source, defaultMode = defaultFileMode): Promise<VolumeFiles> {
    const object = await this.#object<ConfigMap>(fetch, "configmaps", source);
    return configMapFiles(object, { ...source, defaultMode });
  }

  async #secret(fetch: Fetch, source: Source, defaultMode = defaultFileMode): Promise<VolumeFiles> {
    const object = await this.#object<Secret>(fetch, "secrets", source);
    return secretFiles(object, { ...source, defaultMode });
  }

  async #object<T>({ pod, signal }: Fetch, resource: "configmaps" | "secrets", source: Source): Promise<T | undefined> {
    const { name = "", optional } = source;
    try {
      const reply = await this.#options.api.getPodDependency({ pod: podRefOf(pod), resource, name }, { signal });
      return JSON.parse(Buffer.from(reply.objectJson).toString()) as T;
    } catch (thrown) {
      const error = toPodbusError(thrown);
      if (error.code !== "NOT_FOUND") throw error;
      if (optional) return undefined;
      throw new PodbusError({ code: "NOT_FOUND", message: `${resource.slice(0, -1)} "${name}" not found` });
    }
  }

  async #downward(pod: Pod, items: readonly DownwardItem[], defaultMode = defaultFileMode): Promise<VolumeFiles> {
    const facts = { pod, podIps: [], hostIps: [], allocatable: this.#options.allocatable };
    const files = items.map(({ path, mode, fieldRef, resourceFieldRef }): [string, VolumeFile] => {
      const container = allContainers(pod).find((c) => c.name === resourceFieldRef?.containerName);
      const value = fieldRef
        ? fieldValue(facts, fieldRef.fieldPath)
        : container && resourceFieldRef && resourceValue(facts, container, resourceFieldRef);
      if (value === undefined)
        throw new PodbusError({ code: "INVALID_ARGUMENT", message: `unsupported source of file ${path}` });
      return [safePath(path), { content: Buffer.from(value), mode: mode ?? defaultMode }];
    });
    return new Map(files);
  }
}

interface Fetch {
  readonly pod: Pod;
  readonly signal: AbortSignal;
}

interface Source {
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
  readonly items?: readonly { key: string; path: string; mode?: number | undefined }[] | undefined;
}

interface DownwardItem {
  readonly path: string;
  readonly mode?: number | undefined;
  readonly fieldRef?: { readonly fieldPath: string } | undefined;
  readonly resourceFieldRef?:
    | { readonly containerName?: string | undefined; readonly resource: string; readonly divisor?: string | undefined }
    | undefined;
}

/** World-writable, as Kubernetes makes it; a pod's fsGroup owns it and what is made in it. */
async function ensureEmptyDir(
  path: string,
  mount: EmptyDirMount | undefined,
  { rootId, groupId }: VolumeOwner,
): Promise<void> {
  await mkdir(path, { recursive: true });
  if (mount && !(await isMounted(path))) {
    await run("mount", ["-t", mount.type, ...mount.options.map((option) => `-o${option}`), mount.type, path]);
  }
  await chown(path, rootId, groupId ?? rootId);
  await chmod(path, groupId === undefined ? 0o777 : 0o2777);
}

async function mountPoints(): Promise<string[]> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  return mounts.split("\n").map((line) => line.split(" ")[4] ?? "");
}

const isMounted = async (path: string): Promise<boolean> => (await mountPoints()).includes(path);

async function unmountBelow(directory: string): Promise<void> {
  const below = (await mountPoints()).filter((path) => path.startsWith(`${directory}/`));
  for (const path of below) await run("umount", [path]);
}

/** kubelet: pkg/volume/hostpath. */
async function ensureHostPath(path: string, type: string): Promise<void> {
  if (type === "") return;
  if (type === "DirectoryOrCreate") await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === "FileOrCreate") {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "", { flag: "a", mode: 0o644 });
  }
  const found = await stat(path).catch(() => undefined);
  const is: Readonly<Record<string, boolean | undefined>> = {
    Directory: found?.isDirectory(),
    DirectoryOrCreate: found?.isDirectory(),
    File: found?.isFile(),
    FileOrCreate: found?.isFile(),
    Socket: found?.isSocket(),
    CharDevice: found?.isCharacterDevice(),
    BlockDevice: found?.isBlockDevice(),
  };
  if (is[type]) return;
  const what: Readonly<Record<string, string>> = {
    Socket: "socket file",
    CharDevice: "character device",
    BlockDevice: "block device",
  };
  const expected = what[type] ?? (type.startsWith("Directory") ? "directory" : "file");
  throw new PodbusError({
    code: "FAILED_PRECONDITION",
    message: `hostPath type check failed: ${path} is not a ${expected}`,
  });
}
