import { parseConfig } from "@podbus/service";
import { describe, expect, it } from "vitest";
import { schedulerAdmissionConfig } from "./config.ts";

describe("schedulerAdmissionConfig", () => {
  it("names what it does not know", () => {
    const env = { PODBUS_ENABLE_ADMISSION_PLUGINS: "AlwaysPullImages,Nope" };
    expect(() => parseConfig("scheduler-admission", schedulerAdmissionConfig, env)).toThrow(
      "scheduler-admission: PODBUS_ENABLE_ADMISSION_PLUGINS: must be names of AlwaysPullImages",
    );
  });

  it("gives each process an identity of its own", () => {
    const [a, b] = [schedulerAdmissionConfig.parse({}), schedulerAdmissionConfig.parse({})];
    expect(a.leaseMs).toBe(5000);
    expect(a.identity).not.toBe(b.identity);
  });

  it("takes what it is told", () => {
    const env = {
      PODBUS_SCHEDULER_IDENTITY: "one",
      PODBUS_SCHEDULER_LEASE: "15s",
      PODBUS_ENABLE_ADMISSION_PLUGINS: "AlwaysPullImages,",
    };
    const expected = { identity: "one", leaseMs: 15_000, admissionPlugins: ["AlwaysPullImages"] };
    expect(schedulerAdmissionConfig.parse(env)).toEqual(expected);
  });

  it.each([
    { PODBUS_SCHEDULER_IDENTITY: "" },
    { PODBUS_SCHEDULER_LEASE: "15" },
    { PODBUS_SCHEDULER_LEASE: "10ms" },
    { PODBUS_ENABLE_ADMISSION_PLUGINS: "Priority" },
  ])("refuses %j", (env) => {
    expect(schedulerAdmissionConfig.safeParse(env).success).toBe(false);
  });
});
