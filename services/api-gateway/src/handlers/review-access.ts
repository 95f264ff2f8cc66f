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
  validateAccessReview,
} from "@podbus/kube";
import { type AccessAttributes, fieldsIn } from "../domain/access/attributes.ts";
import { nodeOf, type User } from "../domain/user.ts";
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
  LocalSubjectAccessReview: (ports, _call, question) => reviewAccess(ports, question as SubjectAccessReview),
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
  const decoded = await decodeBody(call, fieldValidation);
  const question = inNamespace(decoded.object, call);
  const errors = validateAccessReview(question);
  if (errors.length > 0) throw statusInvalid(call.resource, "", errors);
  const answer = answers[call.resource.kind];
  if (!answer) throw statusBadRequest(`${call.resource.kind} is no question`);
  const status = await answer(ports, call, question);
  return { ...documentReply({ ...question, status }, 201), warnings: decoded.warnings };
}

function inNamespace(question: KubeObject, { info }: ResourceCall): KubeObject {
  if (info.namespace === "" || question.metadata.namespace) return question;
  return { ...question, metadata: { ...question.metadata, namespace: info.namespace } };
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

function reviewAccess(ports: GatewayPorts, { spec }: SubjectAccessReview) {
  const { user = "", groups = [], uid, extra } = spec;
  return decide(ports, { name: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }, spec);
}

function decide(ports: GatewayPorts, user: User | undefined, spec: SubjectAccessReview["spec"]) {
  const decision = user ? ports.access.decide(user, wantedBy(spec)) : { allowed: false, reason: "" };
  return { allowed: decision.allowed, ...(decision.reason === "" ? {} : { reason: decision.reason }) };
}

function wantedBy({ resourceAttributes, nonResourceAttributes }: SubjectAccessReview["spec"]): AccessAttributes {
  if (resourceAttributes) return resourceAccess(resourceAttributes);
  const { path = "", verb = "" } = nonResourceAttributes ?? {};
  return { kind: "path", path, verb };
}

function resourceAccess(given: ResourceAttributes): AccessAttributes {
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = given;
  const fields = requiredFields(given);
  return { kind: "resource", verb, group, resource, subresource, namespace, name, fields };
}

function requiredFields({ fieldSelector }: ResourceAttributes): Readonly<Record<string, string>> {
  const { rawSelector = "", requirements = [] } = fieldSelector ?? {};
  const exact = requirements.filter(({ operator, values = [] }) => operator === "In" && values.length === 1);
  return {
    ...fieldsIn(rawSelector),
    ...Object.fromEntries(exact.map(({ key, values = [] }) => [key, values[0] ?? ""])),
  };
}

/** pkg/registry/authorization/selfsubjectrulesreview/rest.go */
function reviewRules(ports: GatewayPorts, { user }: ResourceCall, question: KubeObject): RulesStatus {
  const { namespace = "" } = (question as SelfSubjectRulesReview).spec;
  if (namespace === "") throw statusBadRequest("no namespace on request");
  const grants = user ? ports.access.grantsOf(user, namespace) : [];
  const rules = grants.flatMap((grant) => grant.rules);
  const isNode = user !== undefined && nodeOf(user) !== undefined;
  const problems = [
    ...(isNode ? ["node authorizer does not support user rule resolution"] : []),
    ...grants.flatMap(({ problem }) => problem ?? []),
  ];
  return {
    resourceRules: rules.flatMap(({ nonResourceURLs, ...rule }) => (nonResourceURLs?.length ? [] : [rule])),
    nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) =>
      nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [],
    ),
    incomplete: problems.length > 0,
    ...(problems.length > 0 ? { evaluationError: [...new Set(problems)].join(", ") } : {}),
  };
}
