import { z } from "zod";
import {
  parseAllowedImages,
  type VerificationPolicy,
  verificationPolicies,
} from "./domain/access/verification-policy.ts";

const list = verificationPolicies.map((each) => `"${each}"`).join(", ");

/** The kubelet's imagePullCredentialsVerificationPolicy and preloadedImagesVerificationAllowlist. */
export const imageAccessVariables = {
  PODBUS_STATE_DIR: z.string().regex(/^\//, "must be an absolute path").default("/var/lib/podbus"),
  PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY: z
    .enum(verificationPolicies, { error: `must be one of ${list}` })
    .default("NeverVerifyPreloadedImages"),
  PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST: z
    .string()
    .transform((text, context) =>
      text.split(",").flatMap((pattern) => {
        const parsed = parseAllowedImages(pattern);
        if (parsed.ok) return [parsed.images];
        context.addIssue({ code: "custom", message: parsed.message, input: text });
        return [];
      }),
    )
    .default([]),
};

type Variables = z.output<z.ZodObject<typeof imageAccessVariables>>;

/** Rule: pkg/kubelet/apis/config/validation. A list that the policy does not read is a mistake. */
export function checkImageAccess(env: Variables, context: z.core.$RefinementCtx): void {
  const policy = env.PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY;
  if (env.PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST.length === 0 || policy === "NeverVerifyAllowlistedImages")
    return;
  context.addIssue({
    code: "custom",
    path: ["PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST"],
    message: `cannot be set if PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY is ${policy} and not NeverVerifyAllowlistedImages`,
    input: env,
  });
}

export function imageAccessOf(env: Variables): {
  readonly policy: VerificationPolicy;
  readonly stateDir: string;
  readonly recordsDir: string;
} {
  const kind = env.PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY;
  const allowlist = env.PODBUS_PRELOADED_IMAGES_VERIFICATION_ALLOWLIST;
  return {
    policy: kind === "NeverVerifyAllowlistedImages" ? { kind, allowlist } : { kind },
    stateDir: env.PODBUS_STATE_DIR,
    // The folder has the name that the kubelet's has.
    recordsDir: `${env.PODBUS_STATE_DIR}/image_manager`,
  };
}
