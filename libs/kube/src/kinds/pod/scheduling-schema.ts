import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema } from "../../schema/meta.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const nodeSelectorRequirementSchema = objectType(core("NodeSelectorRequirement"), {
  key: is.string,
  operator: is.string,
  values: may.strings,
});
export type NodeSelectorRequirement = z.infer<typeof nodeSelectorRequirementSchema>;

export const nodeSelectorTermSchema = objectType(core("NodeSelectorTerm"), {
  matchExpressions: listOf(nodeSelectorRequirementSchema).optional(),
  matchFields: listOf(nodeSelectorRequirementSchema).optional(),
});
export type NodeSelectorTerm = z.infer<typeof nodeSelectorTermSchema>;

export const nodeSelectorSchema = objectType(core("NodeSelector"), {
  nodeSelectorTerms: listOf(nodeSelectorTermSchema),
});

const podAffinityTermSchema = objectType(core("PodAffinityTerm"), {
  labelSelector: labelSelectorSchema.optional(),
  namespaces: may.strings,
  topologyKey: is.string,
  namespaceSelector: labelSelectorSchema.optional(),
  matchLabelKeys: may.strings,
  mismatchLabelKeys: may.strings,
});
export type PodAffinityTerm = z.infer<typeof podAffinityTermSchema>;

const podAffinityShape = {
  requiredDuringSchedulingIgnoredDuringExecution: listOf(podAffinityTermSchema).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    objectType(core("WeightedPodAffinityTerm"), { weight: is.int32, podAffinityTerm: podAffinityTermSchema }),
  ).optional(),
} as const;

export const affinitySchema = objectType(core("Affinity"), {
  nodeAffinity: objectType(core("NodeAffinity"), {
    requiredDuringSchedulingIgnoredDuringExecution: nodeSelectorSchema.optional(),
    preferredDuringSchedulingIgnoredDuringExecution: listOf(
      objectType(core("PreferredSchedulingTerm"), { weight: is.int32, preference: nodeSelectorTermSchema }),
    ).optional(),
  }).optional(),
  podAffinity: objectType(core("PodAffinity"), podAffinityShape).optional(),
  podAntiAffinity: objectType(core("PodAntiAffinity"), podAffinityShape).optional(),
});
export type Affinity = z.infer<typeof affinitySchema>;

export const tolerationSchema = objectType(core("Toleration"), {
  key: may.string,
  operator: may.string,
  value: may.string,
  effect: may.string,
  tolerationSeconds: may.int64,
});
export type Toleration = z.infer<typeof tolerationSchema>;

export const topologySpreadConstraintSchema = objectType(core("TopologySpreadConstraint"), {
  maxSkew: is.int32,
  topologyKey: is.string,
  whenUnsatisfiable: is.string,
  labelSelector: labelSelectorSchema.optional(),
  minDomains: may.int32,
  nodeAffinityPolicy: may.string,
  nodeTaintsPolicy: may.string,
  matchLabelKeys: may.strings,
});
export type TopologySpreadConstraint = z.infer<typeof topologySpreadConstraintSchema>;
