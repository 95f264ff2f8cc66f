import { systemClock } from "@podbus/clock";
import { Admission, Operation } from "@podbus/contracts";
import type { ObjectStore } from "@podbus/store";
import { schedulerAdmissionConfig, startSchedulerAdmission } from "scheduler-admission";
import { expect } from "vitest";
import { type Bench, defineSuite, json } from "../harness/contract-suite.ts";

interface World {
  readonly store: ObjectStore;
  /** Before the requests: reviewing stores nothing. */
  readonly revision: number;
}

async function start({ bus, store: openStore, log, tracer, cleanup }: Bench): Promise<World> {
  const store = await openStore();
  const named = (name: string) => ({ metadata: { namespace: "default", name } });
  await store.create({ resource: "namespaces", namespace: "", name: "default" }, { metadata: { name: "default" } });
  await store.create({ resource: "serviceaccounts", namespace: "default", name: "default" }, named("default"));
  const config = schedulerAdmissionConfig.parse({});
  const runtime = { bus: await bus("scheduler-admission"), clock: systemClock, log, tracer, store };
  cleanup.use(await startSchedulerAdmission(runtime, config));
  return { store, revision: store.cache.revision };
}

const storesNoPod = ({ store }: World) => expect(store.cache.list("pods").items).toEqual([]);

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "default", name: "web" },
  spec: { containers: [{ name: "main", image: "nginx:1.25" }] },
};

const create = {
  operation: Operation.CREATE,
  version: "v1",
  resource: "pods",
  namespace: "default",
  name: "web",
  objectJson: json(pod),
  user: "admin",
};

const withSpec = (spec: object) => ({ ...create, objectJson: json({ ...pod, spec: { ...pod.spec, ...spec } }) });

const invalid = (...fields: string[]) => ({
  reply: {
    refusedStatusJson: expect.objectContaining({
      kind: "Status",
      status: "Failure",
      reason: "Invalid",
      code: 422,
      details: expect.objectContaining({
        name: "web",
        kind: "Pod",
        causes: fields.map((field) => expect.objectContaining({ field })),
      }),
    }),
  },
});

export const schedulerAdmissionSuite = defineSuite({
  service: Admission,
  target: {},
  start,
  examples: {
    review: [
      {
        that: "a pod is completed with Kubernetes' defaults",
        request: create,
        answer: {
          reply: {
            objectJson: expect.objectContaining({
              metadata: expect.objectContaining({ name: "web", namespace: "default" }),
              spec: expect.objectContaining({
                restartPolicy: "Always",
                terminationGracePeriodSeconds: 30,
                dnsPolicy: "ClusterFirst",
                schedulerName: "default-scheduler",
                serviceAccountName: "default",
                enableServiceLinks: true,
                tolerations: [
                  {
                    key: "node.kubernetes.io/not-ready",
                    operator: "Exists",
                    effect: "NoExecute",
                    tolerationSeconds: 300,
                  },
                  {
                    key: "node.kubernetes.io/unreachable",
                    operator: "Exists",
                    effect: "NoExecute",
                    tolerationSeconds: 300,
                  },
                ],
                containers: [
                  expect.objectContaining({
                    name: "main",
                    image: "nginx:1.25",
                    imagePullPolicy: "IfNotPresent",
                    terminationMessagePath: "/dev/termination-log",
                    terminationMessagePolicy: "File",
                  }),
                ],
              }),
            }),
          },
        },
        effect: storesNoPod,
      },
      {
        that: "a pod without containers is refused, and the field named",
        request: withSpec({ containers: [] }),
        answer: invalid("spec.containers"),
        effect: storesNoPod,
      },
      {
        that: "two containers of one name",
        request: withSpec({
          containers: [
            { name: "main", image: "a" },
            { name: "main", image: "b" },
          ],
        }),
        answer: invalid("spec.containers[1].name"),
      },
      {
        that: "an update of what cannot change",
        request: {
          ...create,
          operation: Operation.UPDATE,
          objectJson: json({ ...pod, spec: { ...pod.spec, restartPolicy: "Never" } }),
          oldObjectJson: json({ ...pod, spec: { ...pod.spec, restartPolicy: "Always" } }),
        },
        answer: invalid("spec"),
      },
      {
        that: "a service account that does not exist",
        request: withSpec({ serviceAccountName: "robot" }),
        answer: {
          reply: {
            refusedStatusJson: expect.objectContaining({
              reason: "Forbidden",
              code: 403,
              message: expect.stringContaining("robot"),
            }),
          },
        },
      },
      {
        that: "a resource that is not served",
        request: { ...create, resource: "teapots" },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("teapots") } },
      },
      {
        that: "what is not JSON",
        request: { ...create, objectJson: new TextEncoder().encode("kind: Pod") },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("not JSON") } },
      },
      {
        that: "no operation",
        request: { ...create, operation: Operation.UNSPECIFIED },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("operation") } },
      },
      {
        that: "an update without the old object",
        request: { ...create, operation: Operation.UPDATE },
        answer: { error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("old object") } },
      },
    ],
  },
});
