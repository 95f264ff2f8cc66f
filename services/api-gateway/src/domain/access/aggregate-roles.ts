import { type ClusterRole, equalJson, labelSelectorMatches, type PolicyRule } from "@podbus/kube";

/** The ClusterRoles whose rules are those of others and not up to date, with what they must be (KEP-2579 of RBAC's aggregation). */
export function staleAggregates(roles: readonly ClusterRole[]): ClusterRole[] {
  return roles.flatMap((role) => {
    const selectors = role.aggregationRule?.clusterRoleSelectors;
    if (selectors === undefined) return [];
    const chosen = roles
      .filter(({ metadata }) => metadata.name !== role.metadata.name)
      .filter(({ metadata }) => selectors.some((selector) => labelSelectorMatches(selector, metadata.labels)))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const rules = distinct(chosen.flatMap((each) => each.rules ?? []));
    return equalJson(rules, role.rules ?? []) ? [] : [{ ...role, rules }];
  });
}

function distinct(rules: readonly PolicyRule[]): PolicyRule[] {
  return rules.filter((rule, at) => rules.findIndex((other) => equalJson(other, rule)) === at);
}
