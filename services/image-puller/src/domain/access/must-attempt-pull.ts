import type { PullRecord, PullSecret } from "./pull-record.ts";
import { requiresVerification, type VerificationPolicy } from "./verification-policy.ts";

/** What is known of how an image that is here came here. */
export type RecordLookup =
  | { readonly kind: "none" }
  /** There is one that cannot be read: who may use the image is unknown. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "found"; readonly record: PullRecord };

export interface AccessQuestion {
  readonly policy: VerificationPolicy;
  /** The image's name in the pod, in full, without tag and digest. */
  readonly repository: string;
  readonly lookup: RecordLookup;
  /** A pull of this name was begun and its end is not recorded. */
  readonly intended: boolean;
  /** Of the credentials that the pod may use for the image, those that come from Secrets. */
  readonly podSecrets: readonly PullSecret[];
}

export type AccessDecision =
  /** The registry has to say whether this pod may have the image. */
  | { readonly mustPull: true }
  | {
      readonly mustPull: false;
      /** A Secret that was recognized by half: to be recorded as it is now. */
      readonly learn?: PullSecret;
    };

/** Recorded Secrets from which on no more are learned by recognition, so that namespaces that come and go do not add up. */
const mostLearned = 100;

/**
 * Whether a pod may use an image that is here, or must pull it with its own credentials.
 * Rule: pkg/kubelet/images/pullmanager/image_pull_manager.go, MustAttemptImagePull. Other than there, NeverVerify asks
 * nothing of the records, so one that cannot be read does not matter.
 */
export function mustAttemptPull(question: AccessQuestion): AccessDecision {
  const { policy, repository, lookup, intended, podSecrets } = question;
  if (policy.kind === "NeverVerify") return allowed;
  if (lookup.kind === "unreadable") return refused;
  if (!requiresVerification(policy, repository, lookup.kind === "found" || intended)) return allowed;
  const access = lookup.kind === "found" ? lookup.record.access[repository] : undefined;
  if (!access) return refused;
  if (access.nodePodsAccessible) return allowed;
  return recognized(podSecrets, access.kubernetesSecrets) ?? refused;
}

function recognized(podSecrets: readonly PullSecret[], recorded: readonly PullSecret[]): AccessDecision | undefined {
  const mayLearn = recorded.length < mostLearned;
  for (const secret of podSecrets) {
    for (const known of recorded) {
      const sameCredential = known.credentialHash !== "" && secret.credentialHash === known.credentialHash;
      const sameSecret = secret.uid === known.uid && secret.namespace === known.namespace && secret.name === known.name;
      if (sameCredential && sameSecret) return allowed;
      if (sameCredential) return mayLearn ? { mustPull: false, learn: secret } : allowed;
      // The same Secret with other content, as after a rotation: trusted, while there is room to remember it.
      if (sameSecret && mayLearn) return { mustPull: false, learn: secret };
    }
  }
  return undefined;
}

const allowed: AccessDecision = { mustPull: false };
const refused: AccessDecision = { mustPull: true };
