import { appsFieldNumbers } from "./field-numbers/apps.ts";
import { authenticationFieldNumbers } from "./field-numbers/authentication.ts";
import { authorizationFieldNumbers } from "./field-numbers/authorization.ts";
import { autoscalingFieldNumbers } from "./field-numbers/autoscaling.ts";
import { batchFieldNumbers } from "./field-numbers/batch.ts";
import { coordinationFieldNumbers } from "./field-numbers/coordination.ts";
import { coreFieldNumbers } from "./field-numbers/core.ts";
import { discoveryFieldNumbers } from "./field-numbers/discovery.ts";
import { eventsFieldNumbers } from "./field-numbers/events.ts";
import { metaFieldNumbers } from "./field-numbers/meta.ts";
import { nodeFieldNumbers } from "./field-numbers/node.ts";
import { policyFieldNumbers } from "./field-numbers/policy.ts";
import { rbacFieldNumbers } from "./field-numbers/rbac.ts";
import { schedulingFieldNumbers } from "./field-numbers/scheduling.ts";

/** Where a field of the JSON form stands in the protobuf form. */
export interface FieldPlace {
  readonly name: string;
  /** Field numbers from the type down to the field: more than one where it stands in an embedded struct. */
  readonly path: readonly number[];
  /** Go writes zero and false here even where nobody set them. */
  readonly dropsZero: boolean;
}

const groups = [
  appsFieldNumbers,
  authenticationFieldNumbers,
  authorizationFieldNumbers,
  autoscalingFieldNumbers,
  batchFieldNumbers,
  coordinationFieldNumbers,
  coreFieldNumbers,
  discoveryFieldNumbers,
  eventsFieldNumbers,
  metaFieldNumbers,
  nodeFieldNumbers,
  policyFieldNumbers,
  rbacFieldNumbers,
  schedulingFieldNumbers,
];

/** By OpenAPI's name of a type; undefined where its protobuf form is not known. */
export function fieldPlaces(typeName: string): readonly FieldPlace[] | undefined {
  for (const group of groups) {
    const line = group[typeName];
    if (line !== undefined) return line.split(" ").map(parsePlace);
  }
  return undefined;
}

/** "name=2.1~" */
function parsePlace(text: string): FieldPlace {
  const [name = "", place = ""] = text.split("=");
  return { name, path: place.replace("~", "").split(".").map(Number), dropsZero: place.endsWith("~") };
}
