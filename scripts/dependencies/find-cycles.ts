import type { SourceFile } from "./source-file.ts";

/**
 * Cycles of files that load each other: one for each strongly connected group (Tarjan), as the way around.
 * Imports of types alone do not load anything.
 */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const known = new Set(files.map(({ path }) => path));
  const graph = new Map(
    files.map(({ path, dependencies }) => [
      path,
      [...new Set(dependencies.filter(({ typeOnly }) => !typeOnly).map((each) => each.path ?? ""))].filter((to) =>
        known.has(to),
      ),
    ]),
  );
  return stronglyConnected(graph).map((group) => wayAround(group, graph));
}

type Graph = ReadonlyMap<string, readonly string[]>;

function stronglyConnected(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const visit = (node: string): number => {
    const mine = order.size;
    order.set(node, mine);
    let lowest = mine;
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, order.get(next) ?? lowest);
    }
    low.set(node, lowest);
    if (lowest === mine) {
      const group = stack.splice(stack.indexOf(node));
      if (group.length > 1 || graph.get(node)?.includes(node)) groups.push(group);
    }
    return lowest;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return groups;
}

/** The shortest way from the group's first file back to itself. */
function wayAround(group: readonly string[], graph: Graph): string[] {
  const start = [...group].sort()[0] ?? "";
  const inside = new Set(group);
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of graph.get(way.at(-1) ?? "") ?? []) {
      if (next === start) return [...way, start];
      if (!inside.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return [...group];
}
