import { systemClock } from "@podbus/clock";
import { type DeletePodRequest, DeletePodRequestSchema, Eviction, PodApi } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { ObjectStore } from "@podbus/store";
import { startEviction } from "eviction";
import { expect } from "vitest";
import { type Bench, defineSuite, json } from "../harness/contract-suite.ts";
import { readable } from "../harness/readable.ts";

const uid = "6a1b3c5e-0000-4000-8000-000000000001";
const pod = { namespace: "default", name: "web", uid };
const key = { resource: "pods", namespace: "default", name: "web" };
const stored = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "default", name: "web", uid } };

interface World {
  readonly store: ObjectStore;
  /** What was asked of the api-gateway. */
  readonly deletions: Record<string, unknown>[];
  /** What the api-gateway fails with. */
  failure: PodbusError | undefined;
}

/** The neighbour, PodApi, is a fake that notes what it is asked; its own suite holds the real one to the contract. */
async function start({ bus, store: openStore, log, tracer, cleanup }: Bench): Promise<World> {
  const store = await openStore();
  const world: World = { store, deletions: [], failure: undefined };
  const deletePod = (request: DeletePodRequest) => {
    if (world.failure) throw world.failure;
    world.deletions.push(readable(DeletePodRequestSchema, request));
    return { podJson: json(stored) };
  };
  cleanup.use(await (await bus("api-gateway")).serve(PodApi, {}, { deletePod }));
  cleanup.use(await startEviction({ bus: await bus("eviction"), clock: systemClock, log, tracer, store }));
  return world;
}

const exists = ({ store }: World) => store.create(key, stored);
const nothingAsked = ({ deletions }: World) => expect(deletions).toEqual([]);
const reason = { disruptionReason: "EvictionByEvictionAPI", disruptionMessage: "Eviction API: evicting" };

const refusal = (code: number, statusReason: string, message: unknown) => ({
  reply: {
    refusedStatusJson: expect.objectContaining({
      kind: "Status",
      status: "Failure",
      code,
      reason: statusReason,
      message,
    }),
  },
});

export const evictionSuite = defineSuite({
  service: Eviction,
  target: {},
  start,
  examples: {
    evict: [
      {
        that: "a pod is deleted, with the reason for its DisruptionTarget condition",
        given: exists,
        request: { pod, gracePeriodSeconds: 5n },
        answer: { reply: {} },
        effect: ({ deletions }) => {
          // Asking twice is harmless: deleting a pod that is going is no other deletion (PodApi).
          expect(deletions[0]).toEqual({ pod, gracePeriodSeconds: 5, ...reason });
          expect(deletions[1]).toEqual(deletions[0]);
        },
      },
      {
        that: "a dry run is passed on as one",
        given: exists,
        request: { pod: { namespace: "default", name: "web" }, dryRun: true },
        answer: { reply: {} },
        effect: ({ deletions }) => expect(deletions[0]).toEqual({ pod, dryRun: true, ...reason }),
      },
      {
        that: "a pod that is on its way needs no other deletion",
        given: ({ store }) =>
          store.create(key, {
            ...stored,
            metadata: { ...stored.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
          }),
        request: { pod },
        answer: { reply: {} },
        effect: nothingAsked,
      },
      {
        that: "a pod that does not exist",
        request: { pod },
        answer: refusal(404, "NotFound", 'pods "web" not found'),
        effect: nothingAsked,
      },
      {
        that: "another incarnation than the one that is meant",
        given: exists,
        request: { pod: { ...pod, uid: "another" } },
        answer: refusal(404, "NotFound", 'pods "web" not found'),
        effect: nothingAsked,
      },
      {
        that: "a uid precondition that does not hold",
        given: exists,
        request: { pod: { ...pod, uid: "" }, preconditionUid: "another" },
        answer: refusal(409, "Conflict", expect.stringContaining("the UID in the precondition (another)")),
        effect: nothingAsked,
      },
      {
        that: "a resource version precondition that does not hold",
        given: exists,
        request: { pod, preconditionResourceVersion: "999" },
        answer: refusal(409, "Conflict", expect.stringContaining("the ResourceVersion in the precondition (999)")),
        effect: nothingAsked,
      },
      {
        that: "a pod that vanishes meanwhile",
        given: async (world) => {
          await exists(world);
          world.failure = new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message: "gone" });
        },
        request: { pod },
        answer: refusal(404, "NotFound", 'pods "web" not found'),
      },
      {
        that: "no pod at all",
        request: {},
        answer: { error: { code: "INVALID_ARGUMENT", reason: "BadRequest" } },
        effect: nothingAsked,
      },
      {
        that: "an api-gateway that cannot do it",
        given: async (world) => {
          await exists(world);
          world.failure = new PodbusError({ code: "INTERNAL", message: "the disk is full" });
        },
        request: { pod },
        answer: { error: { code: "INTERNAL", message: expect.stringContaining("the disk is full") } },
      },
    ],
  },
});
