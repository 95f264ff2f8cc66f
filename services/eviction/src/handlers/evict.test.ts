import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CallContext } from "@podbus/bus";
import { FakeClock } from "@podbus/clock";
import { DeletePodResponseSchema, EvictRequestSchema, type EvictResponse } from "@podbus/contracts";
import { type Code, PodbusError } from "@podbus/errors";
import type { Pod, Status } from "@podbus/kube";
import { createMemoryStore } from "@podbus/store";
import { createLogger } from "@podbus/telemetry";
import { beforeEach, describe, expect, it } from "vitest";
import { storePodReader } from "../adapters/store-pod-reader.ts";
import type { PodDeleter } from "../ports.ts";
import { evict } from "./evict.ts";

const pod: Pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default", uid: "u1" },
  spec: { containers: [] },
};
const key = { resource: "pods", namespace: "default", name: "web" };
const log = createLogger({ service: "eviction", level: "silent" });

let clock: FakeClock;
let asked: Parameters<PodDeleter["deletePod"]>[0][];
/** What the api-gateway answers, in turn; success after that. */
let failures: PodbusError[];
let handler: ReturnType<typeof evict>;

beforeEach(async () => {
  clock = new FakeClock();
  asked = [];
  failures = [];
  const store = createMemoryStore({ clock });
  await store.create(key, pod);
  const deletePod: PodDeleter["deletePod"] = async (request) => {
    asked.push(request);
    const failure = failures.shift();
    if (failure) throw failure;
    return create(DeletePodResponseSchema, {});
  };
  handler = evict({ pods: storePodReader(store), deleter: { deletePod }, clock, log });
});

const failing = (code: Code, reason = "", retryAfterMs?: number) =>
  new PodbusError({
    code,
    reason,
    message: "said the api-gateway",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

type Request = Exclude<MessageInitShape<typeof EvictRequestSchema>, { $typeName: string }>;

function call(change: Request = {}, remainingMs = 10_000): Promise<EvictResponse> {
  const context: CallContext = {
    signal: new AbortController().signal,
    remainingMs: () => remainingMs,
    node: "",
    caller: "api-gateway",
  };
  const request = create(EvictRequestSchema, { pod: { namespace: "default", name: "web", uid: "u1" }, ...change });
  return Promise.resolve(handler(request, context)) as Promise<EvictResponse>;
}

const refusalIn = ({ refusedStatusJson }: Pick<EvictResponse, "refusedStatusJson">): Status | undefined =>
  refusedStatusJson.length > 0 ? JSON.parse(new TextDecoder().decode(refusedStatusJson)) : undefined;

describe("Evict", () => {
  it("asks for the deletion and says why; twice is a success twice", async () => {
    expect(refusalIn(await call({ gracePeriodSeconds: 5n }))).toBeUndefined();
    expect(refusalIn(await call({ gracePeriodSeconds: 5n }))).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual({
      pod: { namespace: "default", name: "web", uid: "u1" },
      gracePeriodSeconds: 5n,
      dryRun: false,
      preconditionResourceVersion: "",
      disruptionReason: "EvictionByEvictionAPI",
      disruptionMessage: "Eviction API: evicting",
    });
  });

  it("names the incarnation that it judged, and passes a dry run on", async () => {
    await call({ pod: { namespace: "default", name: "web" }, dryRun: true });
    expect(asked).toMatchObject([{ pod: { uid: "u1" }, dryRun: true }]);
  });

  it("refuses a pod that does not exist without asking anybody", async () => {
    const refusal = refusalIn(await call({ pod: { namespace: "default", name: "ghost" } }));
    expect([refusal?.code, refusal?.message, asked]).toEqual([404, 'pods "ghost" not found', []]);
  });

  it.each([
    { sentence: "gone meanwhile", error: failing("NOT_FOUND"), code: 404, reason: "NotFound" },
    {
      sentence: "too many requests",
      error: failing("RESOURCE_EXHAUSTED", "TooManyRequests", 9_500),
      code: 429,
      reason: "TooManyRequests",
    },
    { sentence: "not allowed", error: failing("PERMISSION_DENIED", "Forbidden"), code: 403, reason: "Forbidden" },
  ])("answers a deletion that is refused: $sentence", async ({ error, code, reason }) => {
    failures = [error];
    expect(refusalIn(await call())).toMatchObject({ code, reason });
  });

  it("tells when to come again", async () => {
    failures = [failing("RESOURCE_EXHAUSTED", "TooManyRequests", 9_500)];
    expect(refusalIn(await call())?.details?.retryAfterSeconds).toBe(10);
  });

  it("tries a conflict again every 500 ms", async () => {
    failures = [failing("ABORTED", "Conflict"), failing("FAILED_PRECONDITION", "Conflict")];
    const answer = call();
    await clock.step(500);
    expect(asked).toHaveLength(2);
    await clock.step(500);
    expect([refusalIn(await answer), asked.length]).toEqual([undefined, 3]);
  });

  it("does not try again when the caller insists on a version", async () => {
    failures = [failing("FAILED_PRECONDITION", "Conflict")];
    expect(refusalIn(await call({ preconditionResourceVersion: "1" }))).toMatchObject({
      code: 409,
      reason: "Conflict",
    });
    expect(asked).toHaveLength(1);
  });

  it("gives up on conflicts while the caller still waits for an answer", async () => {
    failures = [failing("ABORTED", "Conflict")];
    expect(refusalIn(await call({}, 600))).toMatchObject({ code: 409, reason: "Conflict" });
  });

  it("fails as the api-gateway does when it cannot be reached", async () => {
    failures = [failing("UNAVAILABLE")];
    await expect(call()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("refuses a call that names no pod", async () => {
    await expect(call({ pod: { namespace: "", name: "" } })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
