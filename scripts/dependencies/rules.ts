import { type Dependency, isTestFile, type SourceFile } from "./source-file.ts";

/** What may not depend on what, and why: the sentence is what a person reads who broke the rule. */
export interface Rule {
  readonly sentence: string;
  readonly broken: (from: SourceFile, to: Dependency) => boolean;
}

const nodeServices = new Set(["image-puller", "pod-lifecycle", "probe-runner", "hook-runner"]);

/** Of Node's own modules only those that neither read nor write nor wait. */
const pureBuiltins = new Set([
  "node:assert",
  "node:assert/strict",
  "node:buffer",
  "node:crypto",
  "node:path",
  "node:util",
]);

/** Packages of ours that talk to the outside. */
const packagesWithEffects = new Set(
  ["binaries", "bus", "cri", "events", "images", "service", "store", "telemetry", "testkit"].map(
    (name) => `@podbus/${name}`,
  ),
);
const libraryWithEffects = /^(@nats-io\/|@grpc\/|@opentelemetry\/(?!api$)|pino$|ws$)/;

/** Folders of a service or library that do the work which its domain only decides. */
const foldersWithEffects = /\/src\/(adapters|handlers)\//;

export const rules: readonly Rule[] = [
  {
    sentence: "Services import no services: they share contracts, and only the command and tests/ put them together.",
    broken: (from, to) => from.area === "services" && to.area === "services" && to.owner !== from.owner,
  },
  {
    sentence: "Services and libraries do not import the command: it stands on them.",
    broken: (from, to) => (from.area === "services" || from.area === "libs") && to.area === "cli",
  },
  {
    sentence: "Libraries import no services: they are what services are made of.",
    broken: (from, to) => from.area === "libs" && to.area === "services",
  },
  {
    sentence: "Nothing imports from tests/ but tests/ itself.",
    broken: (from, to) => from.area !== "tests" && to.area === "tests",
  },
  {
    sentence: "Domain code decides and does no I/O: what it needs is given to it. Types may come from anywhere.",
    broken: (from, to) => from.isDomain && !from.isTest && !to.typeOnly && hasEffects(to),
  },
  {
    sentence: "A node service never touches the store: it speaks NodeApi on subjects that hold its node's name.",
    broken: (from, to) => nodeServices.has(from.owner) && to.owner === "@podbus/store",
  },
  {
    sentence: "Production code needs neither tests nor the testkit.",
    broken: (from, to) =>
      !from.isTest && from.owner !== "@podbus/testkit" && (to.owner === "@podbus/testkit" || isTestFile(to.path ?? "")),
  },
  {
    sentence: "A file of another package is imported by that package's name, never by a relative path.",
    broken: (from, to) => to.relative && to.owner !== from.owner,
  },
];

function hasEffects(to: Dependency): boolean {
  if (to.specifier.startsWith("node:")) return !pureBuiltins.has(to.specifier);
  if (to.relative) return foldersWithEffects.test(`/${to.path ?? ""}`);
  return packagesWithEffects.has(to.owner) || libraryWithEffects.test(to.specifier);
}
