import type { KubeObject, ObjectMeta } from "../../schema/meta.ts";
import { type FieldError, invalid } from "../../validation/field-error.ts";
import type { SelfSubjectAccessReview, SubjectAccessReview } from "./schema.ts";

// pkg/apis/authorization/validation/validation.go

/** What is wrong with a question; those that are not about access cannot be wrong. */
export function validateAccessReview(review: KubeObject): FieldError[] {
  switch (review.kind) {
    case "SelfSubjectAccessReview": {
      const own = review as SelfSubjectAccessReview;
      return [...validateRequest(own), ...validateEmpty(own.metadata, "must be empty")];
    }
    case "SubjectAccessReview": {
      const other = review as SubjectAccessReview;
      return [...validateRequest(other), ...validateSubject(other), ...validateEmpty(other.metadata, "must be empty")];
    }
    case "LocalSubjectAccessReview":
      return validateLocal(review as SubjectAccessReview);
    default:
      return [];
  }
}

function validateRequest({ spec }: SelfSubjectAccessReview): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes && nonResourceAttributes) {
    const problem = "cannot be specified in combination with resourceAttributes";
    return [invalid("spec.nonResourceAttributes", nonResourceAttributes, problem)];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  const problem = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  return [invalid("spec.resourceAttributes", undefined, problem)];
}

function validateSubject({ spec: { user = "", groups = [] } }: SubjectAccessReview): FieldError[] {
  if (user !== "" || groups.length > 0) return [];
  return [invalid("spec.user", user, "at least one of user or group must be specified")];
}

function validateEmpty(metadata: ObjectMeta, problem: string): FieldError[] {
  const { managedFields: _, ...rest } = metadata;
  const filled = Object.values(rest).some((value) => value !== "" && value !== undefined);
  return filled ? [invalid("metadata", metadata, problem)] : [];
}

function validateLocal(review: SubjectAccessReview): FieldError[] {
  const { namespace = "", ...metadata } = review.metadata;
  const { resourceAttributes, nonResourceAttributes } = review.spec;
  const errors = [
    ...validateRequest(review),
    ...validateSubject(review),
    ...validateEmpty(metadata, "must be empty except for namespace"),
  ];
  if (resourceAttributes && (resourceAttributes.namespace ?? "") !== namespace) {
    const field = "spec.resourceAttributes.namespace";
    errors.push(invalid(field, resourceAttributes.namespace ?? "", "must match metadata.namespace"));
  }
  if (nonResourceAttributes) {
    errors.push(invalid("spec.nonResourceAttributes", nonResourceAttributes, "disallowed on this kind of request"));
  }
  return errors;
}
