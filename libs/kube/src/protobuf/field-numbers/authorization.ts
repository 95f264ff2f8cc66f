/**
 * The numbers of fields in k8s.io/api/authorization/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const authorizationFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.authorization.v1.FieldSelectorAttributes": "rawSelector=1 requirements=2",
  "io.k8s.api.authorization.v1.LabelSelectorAttributes": "rawSelector=1 requirements=2",
  "io.k8s.api.authorization.v1.LocalSubjectAccessReview": "metadata=1 spec=2 status=3",
  "io.k8s.api.authorization.v1.NonResourceAttributes": "path=1 verb=2",
  "io.k8s.api.authorization.v1.NonResourceRule": "verbs=1 nonResourceURLs=2",
  "io.k8s.api.authorization.v1.ResourceAttributes":
    "namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7 fieldSelector=8 labelSelector=9",
  "io.k8s.api.authorization.v1.ResourceRule": "verbs=1 apiGroups=2 resources=3 resourceNames=4",
  "io.k8s.api.authorization.v1.SelfSubjectAccessReview": "metadata=1 spec=2 status=3",
  "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec": "resourceAttributes=1 nonResourceAttributes=2",
  "io.k8s.api.authorization.v1.SelfSubjectRulesReview": "metadata=1 spec=2 status=3",
  "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec": "namespace=1",
  "io.k8s.api.authorization.v1.SubjectAccessReview": "metadata=1 spec=2 status=3",
  "io.k8s.api.authorization.v1.SubjectAccessReviewSpec":
    "resourceAttributes=1 nonResourceAttributes=2 user=3 groups=4 extra=5 uid=6",
  "io.k8s.api.authorization.v1.SubjectAccessReviewStatus": "allowed=1 denied=4~ reason=2 evaluationError=3",
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus":
    "resourceRules=1 nonResourceRules=2 incomplete=3 evaluationError=4",
};
