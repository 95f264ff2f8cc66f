import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CallContext } from "@podbus/bus";
import { FakeClock } from "@podbus/clock";
import { Operation, ReviewRequestSchema, type ReviewResponse } from "@podbus/contracts";
import type { Pod } from "@podbus/kube";
import { createMemoryStore, type ObjectStore } from "@podbus/store";
import { beforeEach, describe, expect, it } from "vitest";
import { accountFixture } from "../domain/admission/admission-fixture.ts";
import { admissionSteps } from "../domain/admission/review-object.ts";
import { podFixture } from "../domain/object-fixtures.ts";
import { review } from "./review.ts";

const context: CallContext = {
  signal: new AbortController().signal,
  remainingMs: () => 10_000,
  node: "",
  caller: "api-gateway",
};
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parse = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

type Request = Exclude<MessageInitShape<typeof ReviewRequestSchema>, { $typeName: string }>;

let store: ObjectStore;
beforeEach(async () => {
  store = createMemoryStore({ clock: new FakeClock() });
  await store.create({ resource: "serviceaccounts", namespace: "default", name: "default" }, accountFixture());
});

async function call(pod: unknown, change: Request = {}): Promise<ReviewResponse> {
  const request = create(ReviewRequestSchema, {
    operation: Operation.CREATE,
    version: "v1",
    resource: "pods",
    namespace: "default",
    name: "web",
    objectJson: json(pod),
    ...change,
  });
  return (await review(store, admissionSteps())(request, context)) as ReviewResponse;
}

const admitted = ({ verdict }: ReviewResponse): Pod | undefined =>
  verdict.case === "objectJson" ? parse(verdict.value) : undefined;
const refused = ({ verdict }: ReviewResponse) =>
  verdict.case === "refusedStatusJson" ? parse(verdict.value) : undefined;

const plainPod = podFixture("web", {}, { uid: "" });

describe("Review", () => {
  it("completes a pod; twice the same", async () => {
    const pod = admitted(await call(plainPod));
    expect(pod?.spec).toMatchObject({
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      schedulerName: "default-scheduler",
      serviceAccountName: "default",
      priority: 0,
      containers: [{ name: "main", imagePullPolicy: "IfNotPresent", terminationMessagePath: "/dev/termination-log" }],
    });
    expect(pod?.spec.tolerations?.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([300, 300]);
    expect(admitted(await call(plainPod))).toEqual(pod);
  });

  it("admits what it has completed, unchanged", async () => {
    const pod = admitted(await call(plainPod));
    expect(admitted(await call(pod))).toEqual(pod);
  });

  it("pulls an image without a tag always", async () => {
    const pod = admitted(await call(podFixture("web", { containers: [{ name: "main", image: "web" }] })));
    expect(pod?.spec.containers[0]?.imagePullPolicy).toBe("Always");
  });

  it.each([
    {
      sentence: "two containers of one name",
      spec: {
        containers: [
          { name: "a", image: "x" },
          { name: "a", image: "x" },
        ],
      },
      field: "spec.containers[1].name",
      reason: "FieldValueDuplicate",
    },
    {
      sentence: "no image",
      spec: { containers: [{ name: "a" }] },
      field: "spec.containers[0].image",
      reason: "FieldValueRequired",
    },
    {
      sentence: "a negative port",
      spec: { containers: [{ name: "a", image: "x", ports: [{ containerPort: -1 }] }] },
      field: "spec.containers[0].ports[0].containerPort",
      reason: "FieldValueInvalid",
    },
  ])("refuses $sentence with 422 and the field", async ({ spec, field, reason }) => {
    const status = refused(await call(podFixture("web", spec)));
    expect(status).toMatchObject({ code: 422, reason: "Invalid", details: { name: "web", kind: "Pod" } });
    expect(status.details.causes).toContainEqual(expect.objectContaining({ field, reason }));
  });

  it("refuses an update of what may not change", async () => {
    const pod = admitted(await call(plainPod));
    const next = podFixture("web", { ...pod?.spec, restartPolicy: "Never" });
    const update = { operation: Operation.UPDATE, oldObjectJson: json(pod) };
    expect(refused(await call({ ...pod, spec: next.spec }, update))).toMatchObject({ code: 422, reason: "Invalid" });
    expect(
      admitted(await call({ ...pod, metadata: { ...pod?.metadata, labels: { a: "b" } } }, update))?.metadata.labels,
    ).toEqual({ a: "b" });
  });

  it("finds an account that this cache has not seen yet", async () => {
    const { waitForRevision } = store.cache;
    store.cache.waitForRevision = async (revision, signal) => {
      await store.create({ resource: "serviceaccounts", namespace: "default", name: "late" }, accountFixture("late"));
      return waitForRevision.call(store.cache, revision, signal);
    };
    const pod = admitted(await call(podFixture("web", { serviceAccountName: "late" })));
    expect(pod?.spec.serviceAccountName).toBe("late");
  });

  it("refuses an account that does not exist", async () => {
    expect(refused(await call(podFixture("web", { serviceAccountName: "ghost" })))).toMatchObject({
      code: 403,
      message:
        'pods "web" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found',
    });
  });

  it("completes other kinds too", async () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "default" } };
    expect(admitted(await call(secret, { resource: "secrets", name: "s" }))).toMatchObject({ type: "Opaque" });
  });

  it("warns", async () => {
    const env = [
      { name: "A", value: "1" },
      { name: "A", value: "2" },
    ];
    const { warnings } = await call(podFixture("web", { containers: [{ name: "main", image: "web:1", env }] }));
    expect(warnings).toEqual([
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    ]);
  });

  it.each([
    { sentence: "an unknown resource", change: { resource: "gadgets" } },
    { sentence: "what is not JSON", change: { objectJson: new TextEncoder().encode("{") } },
    { sentence: "no operation", change: { operation: Operation.UNSPECIFIED } },
    { sentence: "an update of nothing", change: { operation: Operation.UPDATE } },
    { sentence: "a creation of what exists", change: { oldObjectJson: json(plainPod) } },
  ])("fails at $sentence: the caller is wrong, not its user", async ({ change }) => {
    await expect(call(plainPod, change)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
