import { ProbeKind, Verdict } from "@podbus/contracts";

export const kindNumbers = {
  Startup: ProbeKind.STARTUP,
  Readiness: ProbeKind.READINESS,
  Liveness: ProbeKind.LIVENESS,
} as const;

export const verdictNumbers = { Success: Verdict.SUCCESS, Failure: Verdict.FAILURE } as const;
