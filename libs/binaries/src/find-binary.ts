import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { PodbusError } from "@podbus/errors";

/** The private directory that scripts/setup.sh fills; both read its name from the same file. */
export const toolsDir: string = readFileSync(new URL("../tools-dir.txt", import.meta.url), "utf8").trim();

/** Debian keeps some of our programs here, and a user's PATH often leaves these out. */
const systemDirs = ["/usr/sbin", "/sbin"] as const;

export interface SearchOptions {
  /** Default: process.env.PATH. */
  readonly path?: string | undefined;
  /** Default: the private directory. */
  readonly firstDir?: string;
}

/** The absolute path of a program, or undefined: the private directory, then PATH, then the system directories. */
export function findBinary(name: string, options: SearchOptions = {}): string | undefined {
  return searchDirs(options)
    .map((dir) => join(dir, name))
    .find(isExecutable);
}

/** Like findBinary, but fails with FAILED_PRECONDITION and a sentence that says what to do. */
export function requireBinary(name: string, options: SearchOptions = {}): string {
  const path = findBinary(name, options);
  if (path) return path;
  throw new PodbusError({
    code: "FAILED_PRECONDITION",
    reason: "MissingBinary",
    message: `${name} is not installed on this machine: run "make setup" as root`,
  });
}

/** A PATH for children that start programs themselves: containerd its shim, the shim runc, CNI plugins iptables. */
export function toolsPath(options: SearchOptions = {}): string {
  return [...new Set(searchDirs(options))].join(delimiter);
}

function searchDirs({ path = process.env.PATH, firstDir = toolsDir }: SearchOptions): string[] {
  return [firstDir, ...(path ?? "").split(delimiter).filter((dir) => dir !== ""), ...systemDirs];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent or not ours to run: the search goes on.
    return false;
  }
}
