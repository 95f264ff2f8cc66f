import { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { labelSelectorRequirementSchema, typedObjectShape } from "../../schema/meta.ts";

const authentication = (name: string) => `io.k8s.api.authentication.v1.${name}`;
const authorization = (name: string) => `io.k8s.api.authorization.v1.${name}`;

const extra = z.record(z.string(), z.array(z.string())).optional();

const userInfoSchema = objectType(
  authentication("UserInfo"),
  { username: may.string, uid: may.string, groups: may.strings, extra },
  "Who somebody is.",
);
export type UserInfo = z.infer<typeof userInfoSchema>;

export const tokenReviewSchema = objectType(
  authentication("TokenReview"),
  {
    ...typedObjectShape,
    spec: objectType(
      authentication("TokenReviewSpec"),
      { token: may.string, audiences: may.strings },
      "The token in question.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      authentication("TokenReviewStatus"),
      { authenticated: may.boolean, user: userInfoSchema.optional(), audiences: may.strings, error: may.string },
      "Whose token it is.",
    ).optional(),
  },
  "Asks whose token this is.",
);
export type TokenReview = z.infer<typeof tokenReviewSchema>;

export const selfSubjectReviewSchema = objectType(
  authentication("SelfSubjectReview"),
  {
    ...typedObjectShape,
    status: objectType(
      authentication("SelfSubjectReviewStatus"),
      { userInfo: userInfoSchema.optional() },
      "Who the asker is.",
    ).optional(),
  },
  "Asks who one is oneself.",
);
export type SelfSubjectReview = z.infer<typeof selfSubjectReviewSchema>;

export const tokenRequestSchema = objectType(
  authentication("TokenRequest"),
  {
    ...typedObjectShape,
    spec: objectType(
      authentication("TokenRequestSpec"),
      {
        audiences: may.strings,
        expirationSeconds: may.int64,
        boundObjectRef: objectType(
          authentication("BoundObjectReference"),
          { kind: may.string, apiVersion: may.string, name: may.string, uid: may.string },
          "An object that the token lives no longer than.",
        ).optional(),
      },
      "What the token shall be good for.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      authentication("TokenRequestStatus"),
      { token: is.string, expirationTimestamp: may.time },
      "The token.",
    ).optional(),
  },
  "Asks for a token of a service account.",
);
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

const fieldSelectorRequirementSchema = objectType(
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement",
  { key: is.string, operator: is.string, values: may.strings },
  "One requirement of a field selector.",
);

export const resourceAttributesSchema = objectType(
  authorization("ResourceAttributes"),
  {
    namespace: may.string,
    verb: may.string,
    group: may.string,
    version: may.string,
    resource: may.string,
    subresource: may.string,
    name: may.string,
    fieldSelector: objectType(
      authorization("FieldSelectorAttributes"),
      { rawSelector: may.string, requirements: listOf(fieldSelectorRequirementSchema).optional() },
      "A list's field selector.",
    ).optional(),
    labelSelector: objectType(
      authorization("LabelSelectorAttributes"),
      { rawSelector: may.string, requirements: listOf(labelSelectorRequirementSchema).optional() },
      "A list's label selector.",
    ).optional(),
  },
  "Something that may be done to objects.",
);
export type ResourceAttributes = z.infer<typeof resourceAttributesSchema>;

const nonResourceAttributesSchema = objectType(
  authorization("NonResourceAttributes"),
  { path: may.string, verb: may.string },
  "Something that may be done to a path.",
);

const accessStatusSchema = objectType(
  authorization("SubjectAccessReviewStatus"),
  { allowed: is.boolean, denied: may.boolean, reason: may.string, evaluationError: may.string },
  "Whether it may be done.",
);

const attributes = {
  resourceAttributes: resourceAttributesSchema.optional(),
  nonResourceAttributes: nonResourceAttributesSchema.optional(),
};

const accessSpecSchema = objectType(
  authorization("SubjectAccessReviewSpec"),
  { ...attributes, user: may.string, groups: may.strings, extra, uid: may.string },
  "Who wants to do what.",
  { mayBeLeftOut: true },
);

const accessShape = { ...typedObjectShape, spec: accessSpecSchema, status: accessStatusSchema.optional() };

export const subjectAccessReviewSchema = objectType(
  authorization("SubjectAccessReview"),
  accessShape,
  "Asks whether somebody may do something.",
);
export type SubjectAccessReview = z.infer<typeof subjectAccessReviewSchema>;

export const localSubjectAccessReviewSchema = objectType(
  authorization("LocalSubjectAccessReview"),
  accessShape,
  "Asks whether somebody may do something in one namespace.",
);

export const selfSubjectAccessReviewSchema = objectType(
  authorization("SelfSubjectAccessReview"),
  {
    ...typedObjectShape,
    spec: objectType(authorization("SelfSubjectAccessReviewSpec"), attributes, "What one wants to do.", {
      mayBeLeftOut: true,
    }),
    status: accessStatusSchema.optional(),
  },
  "Asks whether one may do something oneself.",
);
export type SelfSubjectAccessReview = z.infer<typeof selfSubjectAccessReviewSchema>;

export const selfSubjectRulesReviewSchema = objectType(
  authorization("SelfSubjectRulesReview"),
  {
    ...typedObjectShape,
    spec: objectType(authorization("SelfSubjectRulesReviewSpec"), { namespace: may.string }, "Where.", {
      mayBeLeftOut: true,
    }),
    status: objectType(
      authorization("SubjectRulesReviewStatus"),
      {
        resourceRules: listOf(
          objectType(
            authorization("ResourceRule"),
            { verbs: is.strings, apiGroups: may.strings, resources: may.strings, resourceNames: may.strings },
            "What may be done to objects.",
          ),
        ),
        nonResourceRules: listOf(
          objectType(
            authorization("NonResourceRule"),
            { verbs: is.strings, nonResourceURLs: may.strings },
            "What may be done to paths.",
          ),
        ),
        incomplete: is.boolean,
        evaluationError: may.string,
      },
      "All that one may do.",
    ).optional(),
  },
  "Asks for all that one may do in a namespace.",
);
export type SelfSubjectRulesReview = z.infer<typeof selfSubjectRulesReviewSchema>;
