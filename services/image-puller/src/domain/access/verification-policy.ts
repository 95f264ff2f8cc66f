import { parseImageReference } from "../image-reference.ts";

/**
 * Which images that are here already may be used only by pods whose credentials would have pulled them.
 * Rule: KEP-2535, pkg/kubelet/images/pullmanager/image_pull_policies.go.
 */
export type VerificationPolicy =
  /** None: whoever is on the node may use what is on the node. */
  | { readonly kind: "NeverVerify" }
  /** Those that we brought here, not those that were here before. */
  | { readonly kind: "NeverVerifyPreloadedImages" }
  /** All but those on the list. */
  | { readonly kind: "NeverVerifyAllowlistedImages"; readonly allowlist: readonly AllowedImages[] }
  | { readonly kind: "AlwaysVerify" };

export const verificationPolicies = [
  "NeverVerify",
  "NeverVerifyPreloadedImages",
  "NeverVerifyAllowlistedImages",
  "AlwaysVerify",
] as const satisfies readonly VerificationPolicy["kind"][];

/** One repository, or all below a path or registry. */
export type AllowedImages =
  | { readonly kind: "repository"; readonly name: string }
  /** Ends with "/". */
  | { readonly kind: "below"; readonly prefix: string };

export type ParsedAllowedImages =
  | { readonly ok: true; readonly images: AllowedImages }
  | { readonly ok: false; readonly message: string };

/** "registry.example/team/app", "registry.example/team/*" or "registry.example/*". */
export function parseAllowedImages(pattern: string): ParsedAllowedImages {
  if (pattern !== pattern.trim()) return refused(`leading/trailing spaces are not allowed: ${pattern}`);
  const below = pattern.endsWith("/*");
  const name = below ? pattern.slice(0, -1) : pattern;
  if (name === "") return refused(`the supplied pattern is too short: ${pattern}`);
  if (name.includes("*")) {
    return refused(`not a valid wildcard pattern, only patterns ending with '/*' are allowed: ${pattern}`);
  }
  if (below) {
    return name === "/"
      ? refused("at least registry hostname is required")
      : { ok: true, images: { kind: "below", prefix: name } };
  }
  const parsed = parseImageReference(name);
  if (!parsed.ok) return refused(`failed to parse as an image name: ${parsed.message}`);
  // Short names are refused too: an image is compared by its full one.
  if (`${parsed.reference.domain}/${parsed.reference.path}` !== name) {
    return refused(`neither tag nor digest is accepted in an image reference: ${pattern}`);
  }
  return { ok: true, images: { kind: "repository", name } };
}

/** `repository`: in full, without tag and digest. `pulledByUs`: this service has pulled the image, or begun to. */
export function requiresVerification(policy: VerificationPolicy, repository: string, pulledByUs: boolean): boolean {
  switch (policy.kind) {
    case "NeverVerify":
      return false;
    case "NeverVerifyPreloadedImages":
      return pulledByUs;
    case "NeverVerifyAllowlistedImages":
      return !policy.allowlist.some((images) => covers(images, repository));
    case "AlwaysVerify":
      return true;
  }
}

function covers(images: AllowedImages, repository: string): boolean {
  return images.kind === "repository" ? repository === images.name : repository.startsWith(images.prefix);
}

function refused(message: string): ParsedAllowedImages {
  return { ok: false, message };
}
