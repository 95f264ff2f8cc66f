import type { PolicyRule } from "@podbus/kube";
import type { AccessAttributes, ResourceAccess } from "./attributes.ts";

// pkg/apis/rbac/v1/evaluation_helpers.go

const all = "*";

export function ruleAllows(rule: PolicyRule, wanted: AccessAttributes): boolean {
  if (!includes(rule.verbs, wanted.verb)) return false;
  if (wanted.kind === "path") return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, wanted.path));
  return (
    includes(rule.apiGroups, wanted.group) &&
    resourceMatches(rule, wanted) &&
    nameMatches(rule.resourceNames, wanted.name)
  );
}

function includes(values: readonly string[] | undefined, wanted: string): boolean {
  return values?.some((value) => value === all || value === wanted) === true;
}

function urlMatches(url: string, path: string): boolean {
  if (url === all || url === path) return true;
  return url.endsWith(all) && path.startsWith(url.slice(0, -1));
}

function resourceMatches({ resources }: PolicyRule, { resource, subresource }: ResourceAccess): boolean {
  const combined = subresource === "" ? resource : `${resource}/${subresource}`;
  // "*/scale": a subresource of whatever there is. "pods" alone does not mean "pods/log".
  return resources?.some((each) => each === all || each === combined || isAnyWith(each, subresource)) === true;
}

const isAnyWith = (text: string, subresource: string) => subresource !== "" && text === `*/${subresource}`;

/** A rule for some names does not cover what names none: a list, a creation. */
function nameMatches(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes(name);
}

/**
 * What of `wanted` none of the rules held allows, in the smallest pieces
 * (component-helpers/auth/rbac/validation/policy_comparator.go Covers).
 */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakdown).filter((piece) => !held.some((rule) => covers(rule, piece)));
}

/** One verb, one group, one resource, one name, or one verb and one URL. */
function breakdown({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule) {
  const names = resourceNames.length === 0 ? [undefined] : resourceNames;
  const objects = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name): PolicyRule => {
          const piece = { verbs: [verb], apiGroups: [group], resources: [resource] };
          return name === undefined ? piece : { ...piece, resourceNames: [name] };
        }),
      ),
    ),
  );
  const paths = nonResourceURLs.flatMap((url) =>
    verbs.map((verb): PolicyRule => ({ verbs: [verb], nonResourceURLs: [url] })),
  );
  return [...objects, ...paths];
}

function covers(held: PolicyRule, piece: PolicyRule): boolean {
  if (!hasAll(held.verbs, piece.verbs)) return false;
  if (piece.nonResourceURLs) {
    return piece.nonResourceURLs.every((url) => held.nonResourceURLs?.some((own) => urlMatches(own, url)) === true);
  }
  const names = held.resourceNames ?? [];
  const namesCovered = names.length === 0 || (piece.resourceNames ?? []).some((name) => names.includes(name));
  return hasAll(held.apiGroups, piece.apiGroups) && hasAllResources(held.resources, piece.resources) && namesCovered;
}

function hasAll(held: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  return held?.includes(all) === true || (wanted ?? []).every((one) => held?.includes(one) === true);
}

function hasAllResources(held: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  return (wanted ?? []).every((one) => {
    const [, subresource] = one.split("/");
    return hasAll(held, [one]) || (subresource !== undefined && held?.includes(`*/${subresource}`) === true);
  });
}

/** What is missing, as kubectl shows it: a line for each rule, those that differ only in their verbs as one. */
export function printRules(rules: readonly PolicyRule[]): string {
  return [...new Set(compact(rules).map(printRule))].sort().join("\n");
}

/** pkg/registry/rbac/validation/policy_compact.go; the rules are of the smallest pieces. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const byWhat = new Map<string, PolicyRule>();
  for (const { verbs, ...what } of rules) {
    const key = JSON.stringify(what.nonResourceURLs ? { verbs, ...what } : what);
    byWhat.set(key, { ...what, verbs: [...(byWhat.get(key)?.verbs ?? []), ...verbs] });
  }
  return [...byWhat.values()];
}

/** pkg/apis/rbac/v1/evaluation_helpers.go CompactString */
function printRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts = [
    ["APIGroups", apiGroups],
    ["Resources", resources],
    ["NonResourceURLs", nonResourceURLs],
    ["ResourceNames", resourceNames],
    ["Verbs", verbs],
  ] as const;
  return `{${parts.flatMap(([name, values]) => (values?.length ? [`${name}:${printList(values)}`] : [])).join(", ")}}`;
}

/** Go's %q of a list of texts. */
export function printList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}
