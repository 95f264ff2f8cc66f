import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { durationMs } from "@podbus/service";
import { z } from "zod";
import { optionalSteps } from "./domain/admission/review-object.ts";

const optionalNames = optionalSteps.map(({ name }) => name);

/** As kube-apiserver's --enable-admission-plugins: names with commas between them. */
const admissionPlugins = z
  .string()
  .transform((text) => text.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()])))
  .pipe(z.array(z.enum(optionalNames, { error: `must be names of ${optionalNames.join(", ")}` })))
  .default([]);

export const schedulerAdmissionConfig = z
  .object({
    /** A replica that comes back under its name takes its own lease back at once. */
    PODBUS_SCHEDULER_IDENTITY: z.string().min(1).max(253).optional(),
    PODBUS_SCHEDULER_LEASE: durationMs.default(5_000).refine((ms) => ms >= 1_000, "must be at least 1s"),
    PODBUS_ENABLE_ADMISSION_PLUGINS: admissionPlugins,
  })
  .transform((env) => ({
    identity: env.PODBUS_SCHEDULER_IDENTITY ?? `${hostname()}_${randomUUID()}`,
    leaseMs: env.PODBUS_SCHEDULER_LEASE,
    admissionPlugins: env.PODBUS_ENABLE_ADMISSION_PLUGINS,
  }));

export type SchedulerAdmissionConfig = z.infer<typeof schedulerAdmissionConfig>;
