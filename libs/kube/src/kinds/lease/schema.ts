import type { z } from "zod";
import { may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

export const leaseSchema = objectType(
  "io.k8s.api.coordination.v1.Lease",
  {
    ...typedObjectShape,
    spec: objectType("io.k8s.api.coordination.v1.LeaseSpec", {
      holderIdentity: may.stringOrEmpty,
      leaseDurationSeconds: may.int32,
      acquireTime: may.microTime,
      renewTime: may.microTime,
      leaseTransitions: may.int32,
    }).optional(),
  },
  "Who holds something, and until when.",
);
export type Lease = z.infer<typeof leaseSchema>;
