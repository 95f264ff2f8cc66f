import { describe, expect, it } from "vitest";
import { decodeObject } from "../decode/decode-object.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import type { KubeObject } from "../schema/meta.ts";
import { toTable } from "../table/to-table.ts";
import { printFieldError } from "../validation/field-error.ts";
import { controllerRevisions } from "./controller-revision/resource.ts";
import { cronJobs } from "./cron-job/resource.ts";
import { daemonSets } from "./daemon-set/resource.ts";
import { deployments } from "./deployment/resource.ts";
import { jobs } from "./job/resource.ts";
import { podDisruptionBudgets } from "./pod-disruption-budget/resource.ts";
import { podTemplates } from "./pod-template/resource.ts";
import { replicaSets } from "./replica-set/resource.ts";
import { replicationControllers } from "./replication-controller/resource.ts";
import { scaleOf, validateScale, withScale } from "./scale/scalable.ts";
import { statefulSets } from "./stateful-set/resource.ts";

// biome-ignore lint/suspicious/noExplicitAny: rows of all kinds in one table
type Row = ResourceDefinition<any>;

const labels = { app: "web" };
const selector = { matchLabels: labels };
const template = (change: { labels?: object; spec?: object } = {}) => ({
  metadata: { labels: change.labels ?? labels },
  spec: { containers: [{ name: "c", image: "nginx" }], ...change.spec },
});
const ran = (spec: object = {}) => template({ spec: { restartPolicy: "Never", ...spec } });

function objectOf(row: Row, body: object): KubeObject {
  const metadata = { name: "web", namespace: row.namespaced ? "default" : undefined, uid: "u-1" };
  const { object } = decodeObject<KubeObject>(row, { metadata, ...body }, "Strict");
  return object;
}

/** As it would be stored. */
function created(row: Row, body: object): KubeObject {
  return row.prepareForCreate(row.defaults(objectOf(row, body)));
}

function errorsOf(row: Row, body: object): string[] {
  return row.validate(created(row, body)).map(printFieldError);
}

describe("defaults", () => {
  const images = [{ name: "c", image: "nginx", imagePullPolicy: "Always" }];
  it.each([
    {
      row: deployments,
      body: { spec: { selector, template: template() } },
      expected: {
        metadata: { generation: 1 },
        spec: {
          replicas: 1,
          revisionHistoryLimit: 10,
          progressDeadlineSeconds: 600,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
          template: { spec: { restartPolicy: "Always", containers: images } },
        },
      },
    },
    {
      row: statefulSets,
      body: {
        spec: { selector, serviceName: "s", template: template(), volumeClaimTemplates: [{ metadata: { name: "d" } }] },
      },
      expected: {
        spec: {
          replicas: 1,
          podManagementPolicy: "OrderedReady",
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
          volumeClaimTemplates: [{ kind: "PersistentVolumeClaim", status: { phase: "Pending" } }],
        },
      },
    },
    {
      row: daemonSets,
      body: { spec: { selector, template: template() } },
      expected: { spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } } },
    },
    {
      row: replicationControllers,
      body: { spec: { template: template() } },
      expected: { metadata: { labels }, spec: { selector: labels, replicas: 1 } },
    },
    {
      row: jobs,
      body: { spec: { template: ran() } },
      expected: {
        metadata: { labels },
        spec: {
          completions: 1,
          parallelism: 1,
          backoffLimit: 6,
          completionMode: "NonIndexed",
          selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u-1" } },
          template: { metadata: { labels: { app: "web", "job-name": "web", "controller-uid": "u-1" } } },
        },
      },
    },
    {
      row: cronJobs,
      body: { spec: { schedule: "@daily", jobTemplate: { spec: { template: ran() } } } },
      expected: { spec: { concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 3 } },
    },
  ])("of $row.kind", ({ row, body, expected }) => {
    expect(created(row, body)).toMatchObject(expected);
  });

  it.each([
    { row: deployments, specOf: (pods: object) => ({ spec: { selector, template: pods } }) },
    { row: replicaSets, specOf: (pods: object) => ({ spec: { selector, template: pods } }) },
    { row: statefulSets, specOf: (pods: object) => ({ spec: { selector, serviceName: "s", template: pods } }) },
    { row: daemonSets, specOf: (pods: object) => ({ spec: { selector, template: pods } }) },
    { row: replicationControllers, specOf: (pods: object) => ({ spec: { template: pods } }) },
    { row: jobs, specOf: (pods: object) => ({ spec: { template: pods } }) },
    {
      row: cronJobs,
      specOf: (pods: object) => ({ spec: { schedule: "@daily", jobTemplate: { spec: { template: pods } } } }),
    },
    { row: podTemplates, specOf: (pods: object) => ({ template: pods }) },
  ])("of $row.kind: the pull policy follows the tag, and stays when only the tag changes", ({ row, specOf }) => {
    const digest = `sha256:${"a1".repeat(32)}`;
    const images = ["app", "app:latest", "app:1", `app@${digest}`];
    const containers = images.map((image, index) => ({ name: `c${index}`, image }));
    const object = created(row, specOf(ran({ containers, initContainers: [{ name: "i", image: "init:2" }] })));
    const policies = JSON.stringify(object)
      .match(/"imagePullPolicy":"\w+"/g)
      ?.map((text) => text.split('"')[3]);
    expect(policies?.toSorted()).toEqual(["Always", "Always", "IfNotPresent", "IfNotPresent", "IfNotPresent"]);
    const moved = JSON.parse(JSON.stringify(object).replaceAll("app:1", "app:latest"));
    expect(row.defaults(moved)).toEqual(moved);
  });
});

describe("validation", () => {
  const spec = { selector, template: template() };
  it.each([
    { row: replicaSets, sentence: "a good one", body: { spec }, errors: [] },
    {
      row: replicaSets,
      sentence: "no selector",
      body: { spec: { ...spec, selector: undefined } },
      errors: ["spec.selector: Required value"],
    },
    {
      row: replicaSets,
      sentence: "an empty selector",
      body: { spec: { ...spec, selector: {} } },
      errors: ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
    },
    {
      row: deployments,
      sentence: "labels that the selector does not match",
      body: { spec: { ...spec, template: template({ labels: { app: "x" } }) } },
      errors: [
        'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
      ],
    },
    {
      row: deployments,
      sentence: "a template that is no pod",
      body: { spec: { ...spec, template: template({ spec: { containers: [] } }) } },
      errors: ["spec.template.spec.containers: Required value"],
    },
    {
      row: deployments,
      sentence: "pods that shall not be restarted",
      body: { spec: { ...spec, template: ran({ activeDeadlineSeconds: 5 }) } },
      errors: [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
      ],
    },
    {
      row: deployments,
      sentence: "negative numbers",
      body: { spec: { ...spec, replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -2 } },
      errors: [
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.revisionHistoryLimit: Invalid value: -2: must be greater than or equal to 0",
      ],
    },
    {
      row: deployments,
      sentence: "a deadline before a pod can be available",
      body: { spec: { ...spec, minReadySeconds: 30, progressDeadlineSeconds: 30 } },
      errors: ["spec.progressDeadlineSeconds: Invalid value: 30: must be greater than minReadySeconds"],
    },
    {
      row: deployments,
      sentence: "a rolling update in a Recreate",
      body: { spec: { ...spec, strategy: { type: "Recreate", rollingUpdate: {} } } },
      errors: ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    },
    {
      row: deployments,
      sentence: "no pod missing and none too many",
      body: { spec: { ...spec, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: "0%" } } } },
      errors: ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
    },
    {
      row: deployments,
      sentence: "shares that are none",
      body: { spec: { ...spec, strategy: { rollingUpdate: { maxUnavailable: "101%", maxSurge: "x" } } } },
      errors: [
        "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
      ],
    },
    { row: statefulSets, sentence: "a good one", body: { spec: { ...spec, serviceName: "s" } }, errors: [] },
    {
      row: statefulSets,
      sentence: "choices that there are not",
      body: {
        spec: { ...spec, podManagementPolicy: "Random", updateStrategy: { type: "OnDelete", rollingUpdate: {} } },
      },
      errors: [
        "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'",
        "spec.updateStrategy.rollingUpdate: Invalid value: {}: only allowed for updateStrategy 'RollingUpdate'",
      ],
    },
    { row: daemonSets, sentence: "a good one", body: { spec }, errors: [] },
    {
      row: daemonSets,
      sentence: "both kinds of slack",
      body: { spec: { ...spec, updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } } },
      errors: [
        "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
      ],
    },
    {
      row: daemonSets,
      sentence: "neither",
      body: { spec: { ...spec, updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } } },
      errors: ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"],
    },
    {
      row: replicationControllers,
      sentence: "no template",
      body: { spec: {} },
      errors: ["spec.selector: Required value", "spec.template: Required value"],
    },
    { row: podTemplates, sentence: "a good one", body: { template: template() }, errors: [] },
    {
      row: controllerRevisions,
      sentence: "no data",
      body: { revision: -1 },
      errors: [
        "data: Required value: data is mandatory",
        "revision: Invalid value: -1: must be greater than or equal to 0",
      ],
    },
    { row: jobs, sentence: "a good one", body: { spec: { template: ran() } }, errors: [] },
    {
      row: jobs,
      sentence: "pods that never end",
      body: { spec: { template: template() } },
      errors: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    },
    {
      row: jobs,
      sentence: "an index without a number of completions",
      body: { spec: { template: ran(), completionMode: "Indexed", parallelism: 2 } },
      errors: ["spec.completions: Required value: when completion mode is Indexed"],
    },
    {
      row: jobs,
      sentence: "a selector of the user's own that does not match",
      body: { spec: { template: ran(), manualSelector: true, selector: { matchLabels: { a: "b" } } } },
      errors: [
        'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      ],
    },
    {
      row: cronJobs,
      sentence: "much that is wrong",
      body: {
        spec: {
          schedule: "TZ=UTC * * * * *",
          timeZone: "Mars/Crater",
          concurrencyPolicy: "Maybe",
          jobTemplate: { spec: { template: ran() } },
        },
      },
      errors: [
        'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
        'spec.timeZone: Invalid value: "Mars/Crater": unknown time zone Mars/Crater',
        'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
      ],
    },
    { row: podDisruptionBudgets, sentence: "a good one", body: { spec: { minAvailable: "50%" } }, errors: [] },
    {
      row: podDisruptionBudgets,
      sentence: "both numbers",
      body: { spec: { minAvailable: 1, maxUnavailable: 1 } },
      errors: [
        'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
      ],
    },
  ] as readonly { row: Row; sentence: string; body: object; errors: string[] }[])(
    "$row.kind: $sentence",
    ({ row, body, errors }) => {
      expect(errorsOf(row, body)).toEqual(errors);
    },
  );
});

describe("updates", () => {
  const spec = { selector, template: template() };
  it.each([
    {
      row: deployments,
      sentence: "another selector",
      before: { spec },
      after: { spec: { selector: { matchLabels: { x: "y" } }, template: template({ labels: { x: "y" } }) } },
      errors: ['spec.selector: Invalid value: {"matchLabels":{"x":"y"}}: field is immutable'],
    },
    {
      row: statefulSets,
      sentence: "another service",
      before: { spec: { ...spec, serviceName: "a" } },
      after: { spec: { ...spec, serviceName: "b" } },
      errors: [
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ],
    },
    {
      row: statefulSets,
      sentence: "more pods",
      before: { spec: { ...spec, serviceName: "a" } },
      after: { spec: { ...spec, serviceName: "a", replicas: 3 } },
      errors: [],
    },
    {
      row: controllerRevisions,
      sentence: "other data",
      before: { data: { a: 1 }, revision: 1 },
      after: { data: { a: 2 }, revision: 1 },
      errors: ['data: Invalid value: {"a":2}: field is immutable'],
    },
    {
      row: jobs,
      sentence: "more completions",
      before: { spec: { template: ran() } },
      after: { spec: { template: ran(), completions: 2 } },
      errors: ["spec.completions: Invalid value: 2: field is immutable"],
    },
    {
      row: jobs,
      sentence: "another node for a Job that is held back",
      before: { spec: { template: ran(), suspend: true } },
      after: { spec: { template: ran({ nodeSelector: { disk: "ssd" } }), suspend: true } },
      errors: [],
    },
  ] as readonly { row: Row; sentence: string; before: object; after: object; errors: string[] }[])(
    "$row.kind: $sentence",
    ({ row, before, after, errors }) => {
      expect(row.validateUpdate(created(row, after), created(row, before)).map(printFieldError)).toEqual(errors);
    },
  );

  it("count the generation when the spec changes, and only then", () => {
    const before = created(deployments, { spec });
    const relabelled = { ...before, metadata: { ...before.metadata, labels: { new: "1" } } };
    expect(deployments.prepareForUpdate(relabelled as never, before as never).metadata.generation).toBe(1);
    const scaled = created(deployments, { spec: { ...spec, replicas: 5 } });
    expect(deployments.prepareForUpdate(scaled as never, before as never).metadata.generation).toBe(2);
  });
});

describe("tables", () => {
  const now = Date.parse("2026-01-01T01:00:00Z");
  const spec = { selector, template: template() };
  const started = "2026-01-01T00:58:00Z";
  it.each([
    {
      row: deployments,
      body: { spec, status: { readyReplicas: 1, updatedReplicas: 1 } },
      cells: ["web", "1/1", 1, 0, "60m", "c", "nginx", "app=web"],
    },
    { row: replicaSets, body: { spec }, cells: ["web", 1, 0, 0, "60m", "c", "nginx", "app=web"] },
    { row: statefulSets, body: { spec: { ...spec, serviceName: "s" } }, cells: ["web", "0/1", "60m", "c", "nginx"] },
    { row: daemonSets, body: { spec }, cells: ["web", 0, 0, 0, 0, 0, "<none>", "60m", "c", "nginx", "app=web"] },
    {
      row: replicationControllers,
      body: { spec: { template: template() } },
      cells: ["web", 1, 0, 0, "60m", "c", "nginx", "app=web"],
    },
    { row: podTemplates, body: { template: template() }, cells: ["web", "c", "nginx", "app=web"] },
    {
      row: jobs,
      body: { spec: { template: ran() }, status: { startTime: started } },
      cells: ["web", "Running", "0/1", "2m", "60m", "c", "nginx", "batch.kubernetes.io/controller-uid=u-1"],
    },
    {
      row: jobs,
      body: {
        spec: { template: ran() },
        status: {
          succeeded: 1,
          startTime: started,
          completionTime: "2026-01-01T00:58:07Z",
          conditions: [{ type: "Complete", status: "True" }],
        },
      },
      cells: ["web", "Complete", "1/1", "7s", "60m", "c", "nginx", "batch.kubernetes.io/controller-uid=u-1"],
    },
    {
      row: cronJobs,
      body: { spec: { schedule: "@daily", jobTemplate: { spec: { template: ran() } } } },
      cells: ["web", "@daily", "<none>", "False", 0, "<none>", "60m", "c", "nginx", "<none>"],
    },
    { row: podDisruptionBudgets, body: { spec: { minAvailable: 1 } }, cells: ["web", "1", "N/A", 0, "60m"] },
  ] as readonly { row: Row; body: { spec?: object; template?: object; status?: object }; cells: unknown[] }[])(
    "of $row.kind",
    ({ row, body, cells }) => {
      const object = created(row, body);
      const shown = {
        ...object,
        metadata: { ...object.metadata, creationTimestamp: "2026-01-01T00:00:00Z" },
        ...(body.status ? { status: body.status } : {}),
      };
      expect(toTable(row, [shown], { includeObject: "None", now }).rows[0]?.cells).toEqual(cells);
    },
  );
});

describe("scale", () => {
  const deployment = { ...created(deployments, { spec: { selector, template: template(), replicas: 2 } }) };

  it("shows how many pods there are and shall be, and which", () => {
    expect(scaleOf(deployment)).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: "web", namespace: "default" },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: "app=web" },
    });
  });

  it("changes the number of pods and nothing else", () => {
    const scale = scaleOf(deployment);
    const scaled = withScale(deployment, { ...scale, spec: { replicas: 7 } });
    expect(scaled).toEqual({ ...deployment, spec: { ...(deployment as { spec?: object }).spec, replicas: 7 } });
  });

  it("refuses fewer than none", () => {
    const errors = validateScale({ ...scaleOf(deployment), spec: { replicas: -1 } });
    expect(errors.map(printFieldError)).toEqual([
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    ]);
  });
});
