import { type FieldError, forbidden } from "../../validation/field-error.ts";
import type { Container } from "./container-schema.ts";
import type { Pod, PodSpec } from "./schema.ts";
import { type Volume, type VolumeSourceName, volumeSourceNames } from "./volume-schema.ts";

/** docs/pod-fields.md tells users the same. */
const supportedVolumes: ReadonlySet<VolumeSourceName> = new Set<VolumeSourceName>([
  "emptyDir",
  "hostPath",
  "configMap",
  "secret",
  "downwardAPI",
  "projected",
]);

function refuse(field: string): FieldError {
  return forbidden(field, "not supported by podbus yet");
}

function present(entries: readonly (readonly [string, unknown])[]): FieldError[] {
  return entries.filter(([, value]) => value !== undefined).map(([field]) => refuse(field));
}

function unsupportedProjections(volume: Volume, field: string): FieldError[] {
  return (volume.projected?.sources ?? []).flatMap(({ clusterTrustBundle }, index) =>
    present([[`${field}.projected.sources[${index}].clusterTrustBundle`, clusterTrustBundle]]),
  );
}

function unsupportedVolumes(spec: PodSpec): FieldError[] {
  return (spec.volumes ?? []).flatMap((volume, index) => {
    const field = `spec.volumes[${index}]`;
    const sources = volumeSourceNames.filter((name) => volume[name] !== undefined && !supportedVolumes.has(name));
    return [...sources.map((name) => refuse(`${field}.${name}`)), ...unsupportedProjections(volume, field)];
  });
}

function unsupportedOfContainer(container: Container, field: string): FieldError[] {
  return present([[`${field}.volumeDevices`, container.volumeDevices]]);
}

function unsupportedScheduling(spec: PodSpec): FieldError[] {
  const { affinity } = spec;
  const needed = "requiredDuringSchedulingIgnoredDuringExecution";
  const spread = (spec.topologySpreadConstraints ?? []).flatMap(({ whenUnsatisfiable }, index) =>
    whenUnsatisfiable === "DoNotSchedule" ? [refuse(`spec.topologySpreadConstraints[${index}]`)] : [],
  );
  return [
    ...present([
      [`spec.affinity.podAffinity.${needed}`, affinity?.podAffinity?.[needed]],
      [`spec.affinity.podAntiAffinity.${needed}`, affinity?.podAntiAffinity?.[needed]],
    ]),
    ...spread,
  ];
}

/**
 * What a pod asks for that podbus cannot do yet and whose silent omission would surprise. Admission refuses such
 * a pod; each error names its field.
 */
export function unsupportedPodFeatures(pod: Pod): FieldError[] {
  const { spec } = pod;
  const inits = spec.initContainers ?? [];
  return [
    ...unsupportedVolumes(spec),
    ...spec.containers.flatMap((container, index) => unsupportedOfContainer(container, `spec.containers[${index}]`)),
    ...inits.flatMap((container, index) => unsupportedOfContainer(container, `spec.initContainers[${index}]`)),
    ...unsupportedScheduling(spec),
    ...present([
      ["spec.resourceClaims", spec.resourceClaims],
      ["spec.os.name", spec.os?.name === "windows" ? "windows" : undefined],
    ]),
  ];
}
