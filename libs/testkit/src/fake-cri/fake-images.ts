import { createHash } from "node:crypto";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Clock } from "@podbus/clock";
import {
  type AuthConfig,
  type FilesystemUsageSchema,
  type Image,
  ImageFsInfoResponseSchema,
  ImageSchema,
  ImageStatusResponseSchema,
  ListImagesResponseSchema,
  PullImageResponseSchema,
  RemoveImageResponseSchema,
} from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";

export interface FakeImageOptions {
  /** Bytes. Default 1,000,000. */
  readonly size?: number;
  readonly uid?: number;
  readonly username?: string;
  /** Pulls succeed only with this user and password. */
  readonly requires?: { readonly username: string; readonly password: string };
}

/** The image store of the node and the registries that it can reach. */
export class FakeImages {
  readonly #clock: Clock;
  readonly #local = new Map<string, Image>();
  readonly #remote = new Map<string, { readonly image: Image; readonly options: FakeImageOptions }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addLocal(name: string, options: FakeImageOptions = {}): Image {
    const image = imageOf(name, options);
    this.#local.set(image.id, image);
    return image;
  }

  addRemote(name: string, options: FakeImageOptions = {}): Image {
    const image = imageOf(name, options);
    this.#remote.set(fullName(name), { image, options });
    return image;
  }

  removeRemote(name: string): void {
    this.#remote.delete(fullName(name));
  }

  /** By id, tag or digest. */
  find(name: string): Image | undefined {
    const full = fullName(name);
    return [...this.#local.values()].find(
      ({ id, repoTags, repoDigests }) => id === name || repoTags.includes(full) || repoDigests.includes(full),
    );
  }

  list(filterBy: string) {
    const images = [...this.#local.values()];
    const found = this.find(filterBy);
    return create(ListImagesResponseSchema, { images: filterBy === "" ? images : found ? [found] : [] });
  }

  status(name: string) {
    const image = this.find(name);
    return create(ImageStatusResponseSchema, image ? { image } : {});
  }

  pull(name: string, auth: AuthConfig | undefined) {
    const remote = this.#remote.get(fullName(name));
    if (!remote)
      throw new PodbusError({ code: "NOT_FOUND", message: `failed to resolve reference "${name}": not found` });
    const { requires } = remote.options;
    if (requires && (auth?.username !== requires.username || auth.password !== requires.password)) {
      throw new PodbusError({ code: "UNKNOWN", message: `failed to authorize "${name}": 401 Unauthorized` });
    }
    this.#local.set(remote.image.id, remote.image);
    return create(PullImageResponseSchema, { imageRef: remote.image.id });
  }

  remove(name: string) {
    const image = this.find(name);
    if (image) this.#local.delete(image.id);
    return create(RemoveImageResponseSchema);
  }

  fsInfo() {
    const usedBytes = [...this.#local.values()].reduce((sum, { size }) => sum + size, 0n);
    const usage: MessageInitShape<typeof FilesystemUsageSchema> = {
      timestamp: BigInt(this.#clock.now()) * 1_000_000n,
      fsId: { mountpoint: "/var/lib/containerd" },
      usedBytes: { value: usedBytes },
      inodesUsed: { value: BigInt(this.#local.size) },
    };
    return create(ImageFsInfoResponseSchema, { imageFilesystems: [usage] });
  }
}

function imageOf(name: string, { size = 1_000_000, uid, username = "" }: FakeImageOptions): Image {
  const full = fullName(name);
  const digest = full.split("@")[1] ?? digestOf(`manifest of ${full}`);
  const [repository = full] = full.split("@");
  const withoutTag = repository.replace(/:[^:/]+$/, "");
  return create(ImageSchema, {
    id: digestOf(`config of ${digest}`),
    repoTags: full.includes("@") ? [] : [full],
    repoDigests: [`${withoutTag}@${digest}`],
    size: BigInt(size),
    username,
    ...(uid === undefined ? {} : { uid: { value: BigInt(uid) } }),
  });
}

const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** "busybox" → "docker.io/library/busybox:latest", as containerd stores names. */
function fullName(name: string): string {
  const first = name.split("/")[0] ?? "";
  const hasHost = name.includes("/") && (first.includes(".") || first.includes(":") || first === "localhost");
  const withHost = hasHost ? name : name.includes("/") ? `docker.io/${name}` : `docker.io/library/${name}`;
  const lastPart = withHost.slice(withHost.lastIndexOf("/"));
  return lastPart.includes(":") || lastPart.includes("@") ? withHost : `${withHost}:latest`;
}
