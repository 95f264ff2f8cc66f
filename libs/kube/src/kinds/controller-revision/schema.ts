import type { z } from "zod";
import { is, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

export const controllerRevisionSchema = objectType(
  "io.k8s.api.apps.v1.ControllerRevision",
  { ...typedObjectShape, data: may.rawObject, revision: is.int64 },
  "A state that a StatefulSet or DaemonSet had, to go back to.",
);
export type ControllerRevision = z.infer<typeof controllerRevisionSchema>;
