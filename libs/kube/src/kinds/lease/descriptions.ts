import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const leaseDescriptions: TypeDescriptions = {
  "io.k8s.api.coordination.v1.Lease": { spec: "Who holds the lease, and since when." },
  "io.k8s.api.coordination.v1.LeaseSpec": {
    "": "Who holds a lease, and since when.",
    holderIdentity: "Who holds it.",
    leaseDurationSeconds: "How long after renewTime others must wait before they take it.",
    acquireTime: "When the holder took it.",
    renewTime: "When the holder last renewed it.",
    leaseTransitions: "How often it went from one holder to another.",
  },
};
