import { decodeObject } from "../../decode/decode-object.ts";
import { cloneJson, isJsonObject } from "../../json.ts";
import { pods } from "./resource.ts";
import type { Pod } from "./schema.ts";

/** For tests: an ordinary pod, as a user writes it. */
export const plainPod: Readonly<Record<string, unknown>> = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default" },
  spec: { containers: [{ name: "main", image: "nginx:1.27" }] },
};

function overlay(base: unknown, change: unknown): unknown {
  if (!isJsonObject(base) || !isJsonObject(change)) return change;
  const merged = { ...base };
  for (const [key, value] of Object.entries(change)) merged[key] = overlay(base[key], value);
  return merged;
}

/** As it is after decoding and defaults. `spec` replaces fields of the plain pod's spec. */
export function podWith(spec: object = {}, metadata: object = {}): Pod {
  const json = cloneJson(overlay(plainPod, { spec, metadata }));
  return pods.defaults(decodeObject(pods, json, "Strict").object);
}

/** Its only container with these fields changed. */
export function podWithContainer(change: object, spec: object = {}): Pod {
  return podWith({ ...spec, containers: [{ name: "main", image: "nginx:1.27", ...change }] });
}
