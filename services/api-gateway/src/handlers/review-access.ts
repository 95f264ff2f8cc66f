import {
  type KubeObject,
  type ResourceAttributes,
  type SelfSubjectReview,
  type SelfSubjectRulesReview,
  type SubjectAccessReview,
  statusBadRequest,
  statusInvalid,
  type TokenReview,
  type UserInfo,
} from "@podbus/kube";
import type { AccessAttributes } from "../domain/access/attributes.ts";
import type { User } from "../domain/user.ts";
import type { ResourceCall } from "../http/api-request.ts";
import { decodeBody } from "../http/decode-body.ts";
import { documentReply, type Reply } from "../http/reply.ts";
import { writeOptionsOf } from "../http/write-options.ts";
import type { GatewayPorts } from "../ports.ts";

type Answer = (ports: GatewayPorts, call: ResourceCall, question: KubeObject) => Promise<object> | object;

/** What answers each question; their objects are never stored. */
const answers: Readonly<Record<string, Answer>> = {
  SelfSubjectReview: (_ports, { user }) => ({ userInfo: infoOf(user) }) satisfies SelfSubjectReview["status"],
  TokenReview: reviewToken,
  SubjectAccessReview: (ports, _call, question) => reviewAccess(ports, question as SubjectAccessReview),
  LocalSubjectAccessReview: (ports, { info }, question) =>
    reviewAccess(ports, inNamespace(question as SubjectAccessReview, info.namespace)),
  SelfSubjectAccessReview: (ports, { user }, question) => {
    const { spec } = question as SubjectAccessReview;
    return decide(ports, user, spec);
  },
  SelfSubjectRulesReview: reviewRules,
};

export const isQuestion = (kind: string) => Object.hasOwn(answers, kind);

/** POST of a question: the same object with its answer in the status. */
export async function answerQuestion(ports: GatewayPorts, call: ResourceCall): Promise<Reply> {
  const { fieldValidation } = writeOptionsOf(call.query, "CreateOptions");
  const { object, warnings } = await decodeBody(call, fieldValidation);
  const answer = answers[call.resource.kind];
  if (!answer) throw statusBadRequest(`${call.resource.kind} is no question`);
  const status = await answer(ports, call, object);
  return { ...documentReply({ ...object, status }, 201), warnings };
}

function infoOf(user: User | undefined): UserInfo {
  const { name = "", uid, groups = [], extra } = user ?? {};
  return {
    username: name,
    ...(uid ? { uid } : {}),
    groups: [...groups],
    ...(extra && Object.keys(extra).length > 0
      ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }
      : {}),
  };
}

type RulesStatus = NonNullable<SelfSubjectRulesReview["status"]>;

async function reviewToken(ports: GatewayPorts, _call: ResourceCall, question: KubeObject) {
  const { token = "", audiences = [] } = (question as TokenReview).spec;
  if (token === "") throw statusBadRequest("token is required for TokenReview in authentication");
  const verified = await ports.bearerTokens.verify(token, audiences);
  if (!verified.ok) return { authenticated: false, error: verified.problem };
  return { authenticated: true, user: infoOf(verified.user), audiences: [...verified.audiences] };
}

function inNamespace(question: SubjectAccessReview, namespace: string): SubjectAccessReview {
  const attributes = question.spec.resourceAttributes;
  if (attributes?.namespace && attributes.namespace !== namespace) {
    throw statusBadRequest("spec.resourceAttributes.namespace must match namespace");
  }
  return { ...question, spec: { ...question.spec, resourceAttributes: { ...attributes, namespace } } };
}

function reviewAccess(ports: GatewayPorts, { spec }: SubjectAccessReview) {
  const { user = "", groups = [], uid, extra } = spec;
  if (user === "" && groups.length === 0) {
    throw statusInvalid({ group: "authorization.k8s.io", kind: "SubjectAccessReview" }, "", [
      {
        type: "FieldValueInvalid",
        field: "spec.user",
        message: 'Invalid value: "": at least one of user or group must be specified',
      },
    ]);
  }
  return decide(ports, { name: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }, spec);
}

function decide(ports: GatewayPorts, user: User | undefined, spec: SubjectAccessReview["spec"]) {
  const decision = user ? ports.access.decide(user, wantedBy(spec)) : { allowed: false, reason: "" };
  return { allowed: decision.allowed, ...(decision.reason === "" ? {} : { reason: decision.reason }) };
}

function wantedBy({ resourceAttributes, nonResourceAttributes }: SubjectAccessReview["spec"]): AccessAttributes {
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined)) {
    throw statusBadRequest("exactly one of nonResourceAttributes or resourceAttributes must be specified");
  }
  if (nonResourceAttributes) {
    const { path = "", verb = "" } = nonResourceAttributes;
    return { kind: "path", path, verb };
  }
  return resourceAccess(resourceAttributes ?? {});
}

function resourceAccess(given: ResourceAttributes): AccessAttributes {
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = given;
  return { kind: "resource", verb, group, resource, subresource, namespace, name };
}

function reviewRules(ports: GatewayPorts, { user }: ResourceCall, question: KubeObject): RulesStatus {
  const { namespace = "" } = (question as SelfSubjectRulesReview).spec;
  if (namespace === "") throw statusBadRequest("no namespace on request");
  const everything = [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ];
  const rules = user ? ports.access.grantsOf(user, namespace).flatMap((grant) => grant.rules) : [];
  const all = user?.groups.includes("system:masters") ? [...everything, ...rules] : rules;
  return {
    resourceRules: all.flatMap(({ nonResourceURLs, ...rule }) => (nonResourceURLs ? [] : [rule])),
    nonResourceRules: all.flatMap(({ verbs, nonResourceURLs }) =>
      nonResourceURLs ? [{ verbs, nonResourceURLs }] : [],
    ),
    incomplete: false,
  };
}
