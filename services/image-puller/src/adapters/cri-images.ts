import type { Image } from "@podbus/contracts/cri";
import type { Cri } from "@podbus/cri";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { RegistryCredential } from "../domain/credentials/registry-credential.ts";
import type { StoredImage } from "../domain/pull-decision.ts";
import { redactQueries } from "../domain/redact-queries.ts";
import type { ImageRuntime, WantedImage } from "../ports.ts";

/** The container runtime's image service. */
export function createCriImages(cri: Cri): ImageRuntime {
  return {
    find: async (wanted) => {
      const { image } = await cri.image.imageStatus({ image: specOf(wanted) });
      return image && storedImage(image);
    },
    pull: async (wanted, { credential, ...options }) => {
      const request = { image: specOf(wanted), ...(credential ? { auth: authFor(wanted, credential) } : {}) };
      const { imageRef } = await cri.image.pullImage(request, options).catch(throwRedacted);
      return imageRef;
    },
    list: async () => (await cri.image.listImages({})).images.map(storedImage),
  };
}

/** Before anybody logs it. The cause would tell what the message no longer does. */
function throwRedacted(thrown: unknown): never {
  const { code, message } = toPodbusError(thrown);
  throw new PodbusError({ code, message: redactQueries(message) });
}

function specOf({ reference, image, runtimeHandler }: WantedImage) {
  return { image: reference.canonical, userSpecifiedImage: image, runtimeHandler };
}

/** containerd sends them to the host of serverAddress only, whatever mirrors or redirects there are. */
function authFor({ reference }: WantedImage, { username, password, identityToken, registryToken }: RegistryCredential) {
  const host = reference.domain === "docker.io" ? "registry-1.docker.io" : reference.domain;
  return {
    username,
    password,
    serverAddress: `https://${host}`,
    ...(identityToken === undefined ? {} : { identityToken }),
    ...(registryToken === undefined ? {} : { registryToken }),
  };
}

function storedImage(image: Image): StoredImage {
  return { id: image.id, names: image.repoTags, repoDigests: image.repoDigests, sizeBytes: image.size };
}
