import { Admission, ImagePuller, NodeApi } from "@podbus/contracts";
import { describe, expect, it } from "vitest";
import { ServiceSubjects, serviceToken, subjectsOf } from "./subjects.ts";

describe("subjects", () => {
  it.each([
    ["ImagePuller", "image-puller"],
    ["NodeApi", "node-api"],
    ["Admission", "admission"],
    ["HTTPProxy", "http-proxy"],
  ])("%s is %s in subjects", (name, token) => {
    expect(serviceToken({ ...ImagePuller, name } as typeof ImagePuller)).toBe(token);
  });

  it("a cluster service has one subject per method", () => {
    expect(subjectsOf(Admission)).toEqual({
      queue: "admission",
      serve: ["podbus.v1.admission.Review", "podbus.v1.admission.control.*"],
      discovery: [
        "$SRV.PING",
        "$SRV.PING.admission",
        "$SRV.PING.admission.*",
        "$SRV.INFO",
        "$SRV.INFO.admission",
        "$SRV.INFO.admission.*",
        "$SRV.STATS",
        "$SRV.STATS.admission",
        "$SRV.STATS.admission.*",
      ],
      call: ["podbus.v1.admission.Review", "podbus.v1.admission.control.*"],
    });
  });

  it("a node's service has the node in one token", () => {
    expect(subjectsOf(ImagePuller, { node: "a.b" }).call).toEqual([
      "podbus.v1.node.a_2eb.image-puller.EnsureImage",
      "podbus.v1.node.a_2eb.image-puller.ListImages",
      "podbus.v1.node.a_2eb.image-puller.control.*",
    ]);
  });

  it("a provider for every node serves a wildcard, and reads the node from the subject", () => {
    const subjects = new ServiceSubjects(NodeApi, { node: "*" });
    expect(subjects.method(NodeApi.method.renewLease)).toBe("podbus.v1.node.*.node-api.RenewLease");
    expect(subjects.nodeTokenOf("podbus.v1.node.a_2eb.node-api.RenewLease")).toBe("a_2eb");
  });

  it.each([
    ["a node's service without a node", ImagePuller, {}],
    ["a cluster service with a node", Admission, { node: "n" }],
  ])("%s is a programmer's error", (_sentence, service, target) => {
    expect(() => new ServiceSubjects(service, target)).toThrow(TypeError);
  });
});
