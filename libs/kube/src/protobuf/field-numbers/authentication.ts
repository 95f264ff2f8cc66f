/**
 * The numbers of fields in k8s.io/api/authentication/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const authenticationFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.authentication.v1.AttestationValue": "items=1",
  "io.k8s.api.authentication.v1.BoundObjectReference": "kind=1 apiVersion=2 name=3 uID=4",
  "io.k8s.api.authentication.v1.SelfSubjectReview": "metadata=1 status=2",
  "io.k8s.api.authentication.v1.SelfSubjectReviewStatus": "userInfo=1",
  "io.k8s.api.authentication.v1.TokenRequest": "metadata=1 spec=2 status=3",
  "io.k8s.api.authentication.v1.TokenRequestSpec": "audiences=1 expirationSeconds=4 boundObjectRef=3 attestations=5",
  "io.k8s.api.authentication.v1.TokenRequestStatus": "token=1 expirationTimestamp=2",
  "io.k8s.api.authentication.v1.TokenReview": "metadata=1 spec=2 status=3",
  "io.k8s.api.authentication.v1.TokenReviewSpec": "token=1 audiences=2",
  "io.k8s.api.authentication.v1.TokenReviewStatus": "authenticated=1~ user=2 audiences=4 error=3",
  "io.k8s.api.authentication.v1.UserInfo": "username=1 uid=2 groups=3 extra=4",
};
