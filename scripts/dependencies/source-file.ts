import { dirname, join, normalize } from "node:path";
import { parseSync } from "oxc-parser";

export type Area = "libs" | "services" | "cli" | "tests" | "scripts" | "outside";

export interface SourceFile {
  /** Relative to the repository: "services/eviction/src/main.ts". */
  readonly path: string;
  readonly area: Area;
  /** The package that the file belongs to: "eviction", "@podbus/bus". */
  readonly owner: string;
  readonly isTest: boolean;
  readonly isDomain: boolean;
  readonly dependencies: readonly Dependency[];
}

export interface Dependency {
  /** As written: "./plan.ts", "@podbus/bus", "node:fs". */
  readonly specifier: string;
  readonly area: Area;
  readonly owner: string;
  readonly relative: boolean;
  /** The file that it leads to, where that is ours. */
  readonly path: string | undefined;
  /** Gone once types are stripped. */
  readonly typeOnly: boolean;
}

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly name: string;
  /** "libs/bus". */
  readonly dir: string;
  /** Subpath (".", "./cri") → file, relative to `dir`. */
  readonly exports: Readonly<Record<string, string>>;
}

export function describeFile(path: string, text: string, packages: readonly WorkspacePackage[]): SourceFile {
  const owner = ownerOf(path, packages);
  return {
    path,
    area: areaOf(path),
    owner: owner?.name ?? "",
    isTest: isTestFile(path),
    isDomain: path.includes("/src/domain/"),
    dependencies: importsOf(path, text).map((each) => describeDependency(path, each, packages)),
  };
}

/** Tests, what they stand on ("pod-fixture.ts"), and whatever is in a folder of tests. */
export function isTestFile(path: string): boolean {
  return /(\.test|-fixtures?)\.ts$/.test(path) || /(^|\/)tests\//.test(path);
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(path: string, text: string): Import[] {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const allTypes = (entries: readonly { readonly isType: boolean }[]) =>
    entries.length > 0 && entries.every(({ isType }) => isType);
  const imports = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    typeOnly: allTypes(entries),
  }));
  const exports = module.staticExports.flatMap(({ entries }) => {
    const specifier = entries[0]?.moduleRequest?.value;
    return specifier === undefined ? [] : [{ specifier, typeOnly: allTypes(entries) }];
  });
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest }) => {
    const literal = /^["'](.+)["']$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
    return literal?.[1] === undefined ? [] : [{ specifier: literal[1], typeOnly: false }];
  });
  return [...imports, ...exports, ...dynamic];
}

function describeDependency(
  from: string,
  { specifier, typeOnly }: Import,
  packages: readonly WorkspacePackage[],
): Dependency {
  const relative = specifier.startsWith(".");
  const path = relative ? normalize(join(dirname(from), specifier)) : exportedFile(specifier, packages);
  if (path === undefined) return { specifier, area: "outside", owner: specifier, relative, path, typeOnly };
  return { specifier, area: areaOf(path), owner: ownerOf(path, packages)?.name ?? "", relative, path, typeOnly };
}

function exportedFile(specifier: string, packages: readonly WorkspacePackage[]): string | undefined {
  const found = packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
  if (!found) return undefined;
  const file = found.exports[`.${specifier.slice(found.name.length)}`];
  return join(found.dir, file ?? "package.json");
}

function ownerOf(path: string, packages: readonly WorkspacePackage[]): WorkspacePackage | undefined {
  return packages.find(({ dir }) => path.startsWith(`${dir}/`));
}

function areaOf(path: string): Area {
  const [first] = path.split("/");
  return first === "libs" || first === "services" || first === "cli" || first === "tests" || first === "scripts"
    ? first
    : "outside";
}
