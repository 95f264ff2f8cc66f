import { type Node, type ObjectExpression, parseSync, Visitor } from "oxc-parser";
import { parse } from "yaml";
import { z } from "zod";

/**
 * What a file calls its tests, groups of tests and rows of tables, as it is written there: "exit code %d", "${name} ends".
 * In a suite an example says what it shows with `that`; where commands are the tests, each is its own name.
 */
export function testTitles(path: string, text: string): ReadonlySet<string> {
  if (path.endsWith(".yaml")) return commandsIn(text);
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const titles = new Titles(text);
  const isSuite = path.includes("/suites/");
  new Visitor({
    VariableDeclarator: ({ id, init }) => titles.declare(id, init),
    CallExpression: (call) => titles.readCall(call),
    ObjectExpression: (object) => isSuite && titles.readExample(object),
  }).visit(program);
  titles.readTables();
  return titles.found;
}

const Commands = z.array(z.object({ run: z.string().optional() }));

function commandsIn(text: string): ReadonlySet<string> {
  return new Set(Commands.parse(parse(text)).flatMap(({ run }) => run?.trim() ?? []));
}

const runners: ReadonlySet<string> = new Set(["it", "test", "describe"]);

/** Of `it`, `it.only`, `it.each(table)`, `describe.skipIf(…)`; undefined for what runs no tests. */
function runnerOf(callee: Node): string | undefined {
  if (callee.type === "Identifier") return runners.has(callee.name) ? callee.name : undefined;
  if (callee.type === "MemberExpression") return runnerOf(callee.object);
  return callee.type === "CallExpression" ? runnerOf(callee.callee) : undefined;
}

class Titles {
  readonly found = new Set<string>();
  readonly #text: string;
  /** By name, whatever their scopes. */
  readonly #declared = new Map<string, Node[]>();
  readonly #tables: { readonly table: Node; readonly ofGroups: boolean }[] = [];
  /** Fields that a title shows: "$when". */
  readonly #shown = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  declare(id: Node, init: Node | null): void {
    if (id.type === "Identifier" && init) this.#declared.set(id.name, [...(this.#declared.get(id.name) ?? []), init]);
  }

  /** `it("title", …)` and `it.each(table)("title", …)`, and their like. */
  readCall({ callee, arguments: [first] }: Extract<Node, { type: "CallExpression" }>): void {
    const runner = runnerOf(callee);
    const title = runner && this.#stringOf(first);
    if (title === undefined) return;
    this.found.add(title);
    if (callee.type !== "CallExpression" || !callee.arguments[0]) return;
    this.#tables.push({ table: callee.arguments[0], ofGroups: runner === "describe" });
    for (const [, field = ""] of title.matchAll(/\$(\w+)/g)) this.#shown.add(field);
  }

  readExample(object: ObjectExpression): void {
    for (const [key, value] of fieldsOf(object)) if (key === "that") this.#readName(value);
  }

  readTables(): void {
    for (const { table, ofGroups } of this.#tables) this.#readTable(table, ofGroups);
  }

  #readTable(table: Node, ofGroups: boolean): void {
    switch (table.type) {
      case "ArrayExpression":
        for (const row of table.elements) {
          if (row?.type === "SpreadElement") this.#readTable(row.argument, ofGroups);
          else if (row) this.#readRow(row, ofGroups);
        }
        return;
      case "Identifier":
        for (const declared of this.#take(table.name)) this.#readTable(declared, ofGroups);
        return;
      case "TSAsExpression":
      case "TSSatisfiesExpression":
        this.#readTable(table.expression, ofGroups);
        return;
      case "CallExpression":
        if (table.callee.type === "MemberExpression") this.#readMade(table.callee.object, table.arguments[0], ofGroups);
    }
  }

  /** Each once: a table may be made of itself. */
  #take(name: string): readonly Node[] {
    const declared = this.#declared.get(name) ?? [];
    this.#declared.delete(name);
    return declared;
  }

  /** `Object.entries(rows)`, `rows.map((row) => ["title", row])`. */
  #readMade(from: Node, by: Node | undefined, ofGroups: boolean): void {
    if (from.type === "Identifier" && from.name === "Object") {
      const objects = by?.type === "Identifier" ? this.#take(by.name) : [by];
      for (const object of objects) if (object?.type === "ObjectExpression") this.#readKeys(object);
      return;
    }
    this.#readTable(from, ofGroups);
    if (by?.type === "ArrowFunctionExpression") this.#readRow(by.body, ofGroups);
  }

  #readKeys(object: ObjectExpression): void {
    for (const [key] of fieldsOf(object)) this.found.add(key);
  }

  /** Its name is its first value, or the field that the title shows. What else a row of groups has may be a table of tests. */
  #readRow(row: Node, ofGroups: boolean): void {
    if (row.type === "ObjectExpression") {
      for (const [key, value] of fieldsOf(row)) if (this.#shown.has(key)) this.#readName(value);
      return;
    }
    const [name, ...rest] = row.type === "ArrayExpression" ? row.elements : [row];
    this.#readName(name ?? undefined);
    if (ofGroups) for (const each of rest) if (each?.type === "Identifier") this.#readTable(each, false);
  }

  #readName(node: Node | undefined): void {
    const name = this.#stringOf(node);
    if (name !== undefined) this.found.add(name);
  }

  #stringOf(node: Node | undefined): string | undefined {
    if (node?.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
    return node?.type === "TemplateLiteral" ? this.#text.slice(node.start + 1, node.end - 1) : undefined;
  }
}

function fieldsOf({ properties }: ObjectExpression): [string, Node][] {
  return properties.flatMap((property): [string, Node][] => {
    if (property.type !== "Property" || property.computed) return [];
    const { key, value } = property;
    if (key.type === "Identifier") return [[key.name, value]];
    return key.type === "Literal" ? [[String(key.value), value]] : [];
  });
}
