import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { durationMs } from "@podbus/service";
import { z } from "zod";

export const schedulerAdmissionConfig = z
  .object({
    /** A replica that comes back under its name takes its own lease back at once. */
    PODBUS_SCHEDULER_IDENTITY: z.string().min(1).max(253).optional(),
    PODBUS_SCHEDULER_LEASE: durationMs.default(5_000).refine((ms) => ms >= 1_000, "must be at least 1s"),
  })
  .transform((env) => ({
    identity: env.PODBUS_SCHEDULER_IDENTITY ?? `${hostname()}_${randomUUID()}`,
    leaseMs: env.PODBUS_SCHEDULER_LEASE,
  }));

export type SchedulerAdmissionConfig = z.infer<typeof schedulerAdmissionConfig>;
