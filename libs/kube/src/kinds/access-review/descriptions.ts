import type { TypeDescriptions } from "../../schema/descriptions.ts";

const attributes = {
  resourceAttributes: "Something that may be done to objects.",
  nonResourceAttributes: "Something that may be done to a path.",
};
const access = { spec: "Who wants to do what.", status: "The answer; only read." };

const selector = {
  rawSelector: "The selector as it stands in a URL.",
  requirements: "The selector, taken apart. All of them must hold.",
};

export const accessReviewDescriptions: TypeDescriptions = {
  "io.k8s.api.authentication.v1.UserInfo": {
    username: "The user's name.",
    uid: "Tells this user from earlier ones of the same name.",
    groups: "The groups that the user is in.",
    extra: "What else the authenticator knows.",
  },
  "io.k8s.api.authentication.v1.TokenReview": { spec: "The token in question.", status: "The answer; only read." },
  "io.k8s.api.authentication.v1.TokenReviewSpec": {
    token: "The token.",
    audiences: "For whom it must be. Default: the API server.",
  },
  "io.k8s.api.authentication.v1.TokenReviewStatus": {
    authenticated: "Whether the token is good.",
    user: "Whose token it is.",
    audiences: "For whom it is, of those asked about.",
    error: "Why the token could not be checked.",
  },
  "io.k8s.api.authentication.v1.SelfSubjectReview": { status: "The answer; only read." },
  "io.k8s.api.authentication.v1.SelfSubjectReviewStatus": { userInfo: "Who the asker is." },
  "io.k8s.api.authentication.v1.TokenRequest": { spec: "What the token shall be good for.", status: "The token." },
  "io.k8s.api.authentication.v1.TokenRequestSpec": {
    audiences: "For whom it shall be. Default: the API server.",
    expirationSeconds: "How long it shall live, 10 minutes at least. Default: one hour.",
    boundObjectRef: "An object that the token lives no longer than.",
  },
  "io.k8s.api.authentication.v1.BoundObjectReference": {
    kind: "Pod, Secret or Node.",
    apiVersion: "v1.",
    name: "The object's name.",
    uid: "The object's uid.",
  },
  "io.k8s.api.authentication.v1.TokenRequestStatus": {
    token: "The token itself.",
    expirationTimestamp: "When it ends.",
  },
  "io.k8s.api.authorization.v1.ResourceAttributes": {
    namespace: "The namespace. Empty: all of them, or none for objects outside of namespaces.",
    verb: "get, list, watch, create, update, patch, delete …",
    group: "The resource's group.",
    version: "The resource's version.",
    resource: 'The resource, as "pods".',
    subresource: 'The subresource, as "log".',
    name: "The object's name. Empty: all of them.",
    fieldSelector: "By which fields a list is limited.",
    labelSelector: "By which labels a list is limited.",
  },
  "io.k8s.api.authorization.v1.FieldSelectorAttributes": selector,
  "io.k8s.api.authorization.v1.LabelSelectorAttributes": selector,
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement": {
    key: "The field.",
    operator: "In, NotIn, Exists or DoesNotExist.",
    values: "What the field may be or may not be.",
  },
  "io.k8s.api.authorization.v1.NonResourceAttributes": { path: "The path.", verb: 'The verb, as "get".' },
  "io.k8s.api.authorization.v1.SubjectAccessReviewStatus": {
    allowed: "Whether it may be done.",
    denied: "Whether somebody has said no, and not only nobody yes.",
    reason: "Why.",
    evaluationError: "What went wrong on the way to the answer.",
  },
  "io.k8s.api.authorization.v1.SubjectAccessReviewSpec": {
    ...attributes,
    user: "The user's name.",
    groups: "The groups that the user is in.",
    extra: "What else is known of the user.",
    uid: "The user's uid.",
  },
  "io.k8s.api.authorization.v1.SubjectAccessReview": access,
  "io.k8s.api.authorization.v1.LocalSubjectAccessReview": access,
  "io.k8s.api.authorization.v1.SelfSubjectAccessReview": {
    spec: "What one wants to do.",
    status: "The answer; only read.",
  },
  "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec": attributes,
  "io.k8s.api.authorization.v1.SelfSubjectRulesReview": { spec: "Where.", status: "The answer; only read." },
  "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec": { namespace: "The namespace." },
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus": {
    resourceRules: "What may be done to objects.",
    nonResourceRules: "What may be done to paths.",
    incomplete: "Whether there may be more.",
    evaluationError: "What went wrong on the way to the answer.",
  },
  "io.k8s.api.authorization.v1.ResourceRule": {
    verbs: "What may be done.",
    apiGroups: "The groups of the resources.",
    resources: "The resources.",
    resourceNames: "Only objects of these names. Empty: all of them.",
  },
  "io.k8s.api.authorization.v1.NonResourceRule": { verbs: "What may be done.", nonResourceURLs: "The paths." },
};
