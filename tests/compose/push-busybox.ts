import { buildBusyboxImage, pushImage } from "@podbus/images";

/** A program by itself, because it runs in the network of the engine: push-busybox.ts REGISTRY-URL REPOSITORY TAG. */
const [registryUrl, repository, tag] = process.argv.slice(2);
if (!registryUrl || !repository || !tag) throw new Error("usage: push-busybox.ts REGISTRY-URL REPOSITORY TAG");
await pushImage(await buildBusyboxImage(), { registryUrl, repository, tag });
