import { PodbusError } from "@podbus/errors";
import { describe, expect, it } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { KnownServices } from "./known-services.ts";

const web = { namespace: "default", name: "web", clusterIp: "10.96.0.7", ports: [] };
const away = new PodbusError({ code: "UNAVAILABLE", message: "nobody is there" });
const { signal } = new AbortController();

function services(...answers: (PodbusError | (typeof web)[])[]) {
  return new KnownServices({
    listPodServices: async () => {
      const answer = answers.shift() ?? [];
      if (answer instanceof PodbusError) throw answer;
      return { services: answer } as never;
    },
  });
}

describe("the Services of a pod", () => {
  it("are those of now, or of the last answer while nobody answers", async () => {
    const known = services([web], away, []);
    expect(await known.of(pod(), signal)).toEqual([web]);
    expect(await known.of(pod(), signal)).toEqual([web]);
    expect(await known.of(pod(), signal)).toEqual([]);
  });

  it("are not known before somebody has answered, in each namespace", async () => {
    const known = services([web], away);
    await known.of(pod(), signal);
    const other = pod();
    const elsewhere = { ...other, metadata: { ...other.metadata, namespace: "elsewhere" } };
    expect(await known.of(elsewhere, signal)).toBeUndefined();
  });

  it("are none for a static pod that nobody answers", async () => {
    const { metadata, ...rest } = pod();
    const subject = { ...rest, metadata: { ...metadata, annotations: { "kubernetes.io/config.source": "file" } } };
    expect(await services(away).of(subject, signal)).toEqual([]);
  });

  it("fail for another reason as they fail", async () => {
    const refused = new PodbusError({ code: "PERMISSION_DENIED", message: "not yours" });
    await expect(services(refused).of(pod(), signal)).rejects.toBe(refused);
  });
});
