import type { VolumeMount } from "@podbus/kube";
import { ContainerConfigError } from "./container-env.ts";
import { expandVariables } from "./expand-variables.ts";

/** What of the volume is mounted: "" for all, else a path that does not climb out of it by its own words. */
export function subPathOf(mount: VolumeMount, env: ReadonlyMap<string, string>): string {
  const subPath = mount.subPathExpr ? expandVariables(mount.subPathExpr, env) : (mount.subPath ?? "");
  if (subPath.startsWith("/")) {
    throw new ContainerConfigError(`error SubPath \`${subPath}\` must not be an absolute path`);
  }
  if (subPath.split("/").includes("..")) {
    throw new ContainerConfigError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  }
  return subPath
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/");
}
