import { z } from "zod";
import { is, listBy, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, typedObjectShape } from "../../schema/meta.ts";

const policy = (name: string) => `io.k8s.api.policy.v1.${name}`;

const conditionSchema = objectType(
  "io.k8s.apimachinery.pkg.apis.meta.v1.Condition",
  {
    type: is.string,
    status: is.string,
    observedGeneration: may.int64,
    lastTransitionTime: may.time,
    reason: is.string,
    message: is.string,
  },
  "One aspect of an object's state.",
);

export const podDisruptionBudgetSchema = objectType(
  policy("PodDisruptionBudget"),
  {
    ...typedObjectShape,
    spec: objectType(
      policy("PodDisruptionBudgetSpec"),
      {
        minAvailable: may.intOrString,
        selector: labelSelectorSchema.optional(),
        maxUnavailable: may.intOrString,
        unhealthyPodEvictionPolicy: may.string,
      },
      "How many of which pods may be missing.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      policy("PodDisruptionBudgetStatus"),
      {
        observedGeneration: may.int64,
        disruptedPods: z.record(z.string(), is.time).optional(),
        disruptionsAllowed: is.int32,
        currentHealthy: is.int32,
        desiredHealthy: is.int32,
        expectedPods: is.int32,
        conditions: listBy("type", conditionSchema).optional(),
      },
      "What was seen of the pods of a budget.",
    ).optional(),
  },
  "Limits how many of some pods are disrupted at a time by those who ask.",
);
export type PodDisruptionBudget = z.infer<typeof podDisruptionBudgetSchema>;
