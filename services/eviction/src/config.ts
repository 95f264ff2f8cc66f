import { z } from "zod";

/** Nothing of its own: the common variables of @podbus/service are all it reads. */
export const evictionConfig = z.object({});

export type EvictionConfig = z.infer<typeof evictionConfig>;
