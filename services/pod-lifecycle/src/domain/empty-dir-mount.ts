import { PodbusError } from "@podbus/errors";
import { type Pod, quantityValue, tryParseQuantity, type Volume } from "@podbus/kube";
import { isHugePages } from "./linux-resources.ts";
import { wholeValue } from "./quantities.ts";

/** A file system of its own, as mount(8) takes it. */
export interface EmptyDirMount {
  readonly type: "tmpfs" | "hugetlbfs";
  readonly options: readonly string[];
}

const hugePages = "HugePages";

/**
 * What is mounted where an empty directory is not on the node's disk; undefined on the disk. A pod without such pages, or with
 * another medium, fails with the kubelet's message (pkg/volume/emptydir/empty_dir.go).
 */
export function emptyDirMount(pod: Pod, source: NonNullable<Volume["emptyDir"]>): EmptyDirMount | undefined {
  const { medium = "", sizeLimit } = source;
  if (medium === "") return undefined;
  if (medium === "Memory") return { type: "tmpfs", options: sizeLimit ? [`size=${wholeValue(sizeLimit)}`] : [] };
  if (medium === hugePages) return pagesOf(onlySize(pod));
  if (medium.startsWith(`${hugePages}-`)) return pagesOf(namedSize(pod, medium));
  throw unusable(`unknown storage medium "${medium}"`);
}

const pagesOf = (size: string): EmptyDirMount => ({ type: "hugetlbfs", options: [`pagesize=${size}`] });

/** getPageSizeMountOption: of all containers, and there must be one size only. */
function onlySize(pod: Pod): string {
  const [size, ...others] = requestedSizes(pod);
  if (size === undefined) throw notRequested(hugePages);
  if (others.some((other) => quantityValue(other) !== quantityValue(size)))
    throw unusable(`medium: ${hugePages} can't be used if container requests multiple huge page sizes`);
  return size;
}

function namedSize(pod: Pod, medium: string): string {
  const size = medium.slice(hugePages.length + 1);
  if (!isSize(size)) throw unusable(`unknown storage medium "${medium}"`);
  if (!requestedSizes(pod).some((each) => quantityValue(each) === quantityValue(size))) throw notRequested(medium);
  return size;
}

/** "2Mi" of a request for "hugepages-2Mi". */
function requestedSizes({ spec }: Pod): string[] {
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
    Object.keys(resources?.requests ?? {})
      .filter(isHugePages)
      .map((resource) => resource.slice(resource.indexOf("-") + 1)),
  );
}

function isSize(text: string): boolean {
  const parsed = tryParseQuantity(text);
  return parsed.ok && parsed.quantity.nano > 0n;
}

const unusable = (message: string) => new PodbusError({ code: "FAILED_PRECONDITION", message });
const notRequested = (medium: string) =>
  unusable(`medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`);
