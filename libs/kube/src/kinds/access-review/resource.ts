import type { z } from "zod";
import { defineResource } from "../../define-resource.ts";
import type { KubeObject } from "../../schema/meta.ts";
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  selfSubjectReviewSchema,
  selfSubjectRulesReviewSchema,
  subjectAccessReviewSchema,
  tokenReviewSchema,
} from "./schema.ts";

/** A question in the form of an object: it is created, answered, and never stored. */
function question(group: string, kind: string, schema: z.ZodObject, namespaced = false) {
  return defineResource<KubeObject>({
    ...{ group, kind, namespaced, schema },
    plural: `${kind.toLowerCase()}s`,
    verbs: ["create"],
    nameProblems: () => [],
  });
}

const authentication = "authentication.k8s.io";
const authorization = "authorization.k8s.io";

export const accessReviews = [
  question(authentication, "SelfSubjectReview", selfSubjectReviewSchema),
  question(authentication, "TokenReview", tokenReviewSchema),
  question(authorization, "LocalSubjectAccessReview", localSubjectAccessReviewSchema, true),
  question(authorization, "SelfSubjectAccessReview", selfSubjectAccessReviewSchema),
  question(authorization, "SelfSubjectRulesReview", selfSubjectRulesReviewSchema),
  question(authorization, "SubjectAccessReview", subjectAccessReviewSchema),
] as const;
