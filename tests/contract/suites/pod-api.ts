import { PodApi } from "@podbus/contracts";
import { expect } from "vitest";
import { defineSuite } from "../harness/contract-suite.ts";
import { expectStored, type GatewayWorld, pod, podKey, revisionOf, startGateway } from "../harness/gateway-world.ts";

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const disruption = { disruptionReason: "EvictionByEvictionAPI", disruptionMessage: "Eviction API: evicting" };
const disrupted = expect.objectContaining({
  conditions: expect.arrayContaining([
    {
      type: "DisruptionTarget",
      status: "True",
      reason: "EvictionByEvictionAPI",
      message: "Eviction API: evicting",
      lastTransitionTime: time,
    },
  ]),
});

const going = (gracePeriodSeconds: number) =>
  expect.objectContaining({
    metadata: expect.objectContaining({
      ...pod,
      deletionTimestamp: time,
      deletionGracePeriodSeconds: gracePeriodSeconds,
    }),
  });

const notFound = { error: { code: "NOT_FOUND", reason: "NotFound", message: 'pods "web" not found' } } as const;
const exists = (world: GatewayWorld) => world.putPod();

export const podApiSuite = defineSuite({
  service: PodApi,
  target: {},
  start: startGateway,
  examples: {
    deletePod: [
      {
        that: "a running pod is marked, with its own grace period",
        given: exists,
        request: { pod },
        answer: { reply: { podJson: going(30) } },
        effect: (world) => expectStored(world, podKey, going(30)),
      },
      {
        that: "the reason becomes a DisruptionTarget condition",
        given: exists,
        request: { pod, gracePeriodSeconds: 5n, ...disruption },
        answer: { reply: { podJson: expect.objectContaining({ status: disrupted }) } },
        effect: (world) => expectStored(world, podKey, going(5)),
      },
      {
        that: "a pod that goes already keeps the shorter grace period",
        given: (world) =>
          world.putPod({ metadata: { deletionTimestamp: "2026-01-01T00:00:05Z", deletionGracePeriodSeconds: 5 } }),
        request: { pod, gracePeriodSeconds: 60n },
        answer: { reply: { podJson: going(5) } },
        effect: (world) => expectStored(world, podKey, going(5)),
      },
      {
        that: "a dry run changes nothing",
        given: exists,
        request: { pod, dryRun: true, ...disruption },
        answer: { reply: { podJson: going(30) } },
        effect: (world) =>
          expectStored(
            world,
            podKey,
            expect.objectContaining({
              metadata: expect.not.objectContaining({ deletionTimestamp: expect.anything() }),
            }),
          ),
      },
      {
        that: "a pod without a node goes at once; the second request finds nothing",
        given: (world) => world.putPod({ spec: { nodeName: undefined } }),
        request: { pod },
        answer: { reply: { podJson: expect.objectContaining({ metadata: expect.objectContaining(pod) }) } },
        again: notFound,
        effect: (world) => expect(revisionOf(world, podKey)).toBeUndefined(),
      },
      { that: "a pod that does not exist", request: { pod }, answer: notFound },
      {
        that: "another incarnation",
        given: exists,
        request: { pod: { ...pod, uid: "another" } },
        answer: notFound,
        effect: (world) => expect(revisionOf(world, podKey)).toBeDefined(),
      },
      {
        that: "a resource version that is another",
        given: exists,
        request: { pod, preconditionResourceVersion: "999999" },
        answer: {
          error: { code: "FAILED_PRECONDITION", reason: "Conflict", message: expect.stringContaining("999999") },
        },
      },
      { that: "no pod at all", request: {}, answer: { error: { code: "NOT_FOUND", reason: "NotFound" } } },
    ],
  },
});
