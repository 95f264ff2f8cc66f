import type { ImageReference, ParsedReference } from "./image-reference.ts";

/** What the runtime holds of an image. */
export interface StoredImage {
  /** The runtime's image id: "sha256:…". */
  readonly id: string;
  readonly names: readonly string[];
  readonly repoDigests: readonly string[];
  readonly sizeBytes: bigint;
}

/** A failed try that is still being waited out. */
export interface BackOff {
  readonly cause: string;
  readonly attempt: number;
  readonly untilMs: number;
  readonly remainingMs: number;
}

export interface PullQuestion {
  /** As written in the pod spec: what messages and events name. */
  readonly image: string;
  readonly policy: PullPolicy;
  readonly parsed: ParsedReference;
  /** Only looked up where the policy asks whether the image is there. */
  readonly present: StoredImage | undefined;
  /** False where the pod must show the registry that it may have the image, although it is here. */
  readonly accessible: boolean;
  readonly backOff: BackOff | undefined;
}

export type PullPolicy = "Always" | "IfNotPresent" | "Never";

export type PullDecision =
  | { readonly kind: "use-present"; readonly image: StoredImage }
  | { readonly kind: "pull"; readonly reference: ImageReference }
  | {
      readonly kind: "wait";
      readonly reason: "ImagePullBackOff";
      readonly message: string;
      readonly remainingMs: number;
    }
  | { readonly kind: "refuse"; readonly reason: "ErrImageNeverPull" | "InvalidImageName"; readonly message: string };

/** "" is IfNotPresent: what a pod without the field would have been given for a tagged image. */
export function parsePullPolicy(text: string): PullPolicy | undefined {
  if (text === "") return "IfNotPresent";
  return text === "Always" || text === "IfNotPresent" || text === "Never" ? text : undefined;
}

/** Always asks the registry every time, so whether the image is here does not matter. */
export function needsPresence(policy: PullPolicy): boolean {
  return policy !== "Always";
}

/**
 * Whether a container's image is there, is to be pulled now or later, or never.
 * Rule: Kubernetes pkg/kubelet/images/image_manager.go (EnsureImageExists). A present image is used even while its
 * pull is in back-off: somebody else may have brought it. To a pod that may not use it, it is absent.
 */
export function decidePull(question: PullQuestion): PullDecision {
  const { image, policy, parsed, present, accessible, backOff } = question;
  if (!parsed.ok)
    return { kind: "refuse", reason: "InvalidImageName", message: invalidNameMessage(image, parsed.message) };
  if (present && accessible && needsPresence(policy)) return { kind: "use-present", image: present };
  if (policy === "Never") {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    return { kind: "refuse", reason: "ErrImageNeverPull", message };
  }
  if (backOff && backOff.remainingMs > 0) {
    const message = `${backOffText(image)}: ${withNextTry(backOff)}`;
    return { kind: "wait", reason: "ImagePullBackOff", message, remainingMs: backOff.remainingMs };
  }
  return { kind: "pull", reference: parsed.reference };
}

export function backOffText(image: string): string {
  return `Back-off pulling image "${image}"`;
}

/**
 * The cause, which attempt it was, and when the next one is due. A point in time and not a remainder: the text stays the
 * same for the whole wait, so that a pod's status is not written again and again.
 */
export function withNextTry(failure: Pick<BackOff, "cause" | "attempt" | "untilMs">): string {
  const due = new Date(Math.ceil(failure.untilMs / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
  return `${failure.cause} (attempt ${failure.attempt}, next try at ${due})`;
}

function invalidNameMessage(image: string, fault: string): string {
  return `Failed to apply default image tag "${image}": couldn't parse image reference "${image}": ${fault}`;
}
