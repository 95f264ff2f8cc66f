/**
 * A set of fields of an object, as a tree of path elements. An element is written as in FieldsV1
 * (sigs.k8s.io/structured-merge-diff fieldpath/serialize-pe.go): "f:name" a field, `k:{"name":"c"}` an item of a list by its
 * keys, `v:"x"` an item of a set by its value. Immutable.
 */
export interface FieldSet {
  /** Whether the place itself belongs to the set, and not only what is below. */
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** FieldsV1: `{}` is a member, "." marks a member that has more below it. */
export interface FieldsV1 {
  readonly [element: string]: FieldsV1;
}

export const noFields: FieldSet = { member: false, children: new Map() };
export const oneField: FieldSet = { member: true, children: new Map() };

export const isEmptySet = ({ member, children }: FieldSet): boolean => !member && children.size === 0;

export function fieldSet(member: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  return { member, children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map(a.children);
  for (const [element, child] of b.children) children.set(element, union(children.get(element) ?? noFields, child));
  return { member: a.member || b.member, children };
}

/** What of `a` is not in `b`, place by place. */
export function subtract(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (own, other) => own && !other);
}

/** What is in both, place by place. */
export function intersect(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (own, other) => own && other);
}

function combine(a: FieldSet, b: FieldSet, keep: (own: boolean, other: boolean) => boolean): FieldSet {
  const children = [...a.children].map(
    ([element, child]) => [element, combine(child, b.children.get(element) ?? noFields, keep)] as const,
  );
  return fieldSet(keep(a.member, b.member), children);
}

/** The set with every place that leads to one of its own. */
export function withParents({ member, children }: FieldSet): FieldSet {
  const below = new Map([...children].map(([element, child]) => [element, withParents(child)]));
  return { member: member || below.size > 0, children: below };
}

/** Every place in the set, as the elements that lead there. */
export function placesOf({ member, children }: FieldSet, path: readonly string[] = []): (readonly string[])[] {
  const below = [...children].flatMap(([element, child]) => placesOf(child, [...path, element]));
  return member && path.length > 0 ? [path, ...below] : below;
}

export function toFieldsV1({ children }: FieldSet): FieldsV1 {
  const sorted = [...children].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([element, child]) => {
      const below = toFieldsV1(child);
      return [element, child.member && child.children.size > 0 ? { ".": {}, ...below } : below];
    }),
  );
}

/** Throws RangeError for what is no FieldsV1. */
export function fromFieldsV1(fields: unknown, depth = 0): FieldSet {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new RangeError("fieldsV1 must be made of objects");
  }
  if (depth > deepest) throw new RangeError("fieldsV1 is nested too deeply");
  const entries = Object.entries(fields);
  const children = entries.filter(([element]) => element !== ".");
  for (const [element] of children) {
    if (!/^[fkvi]:/.test(element)) throw new RangeError(`fieldsV1 has the element ${JSON.stringify(element)}`);
  }
  const member = entries.length === 0 || entries.length > children.length;
  return {
    member: depth > 0 && member,
    children: new Map(children.map(([element, below]) => [element, fromFieldsV1(below, depth + 1)])),
  };
}

const deepest = 100;

/** ".spec.containers[name=\"c\"].image", as conflicts name a place. */
export function printPlace(path: readonly string[]): string {
  return path.map(printElement).join("");
}

function printElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith("f:")) return `.${text}`;
  if (element.startsWith("v:")) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
}
