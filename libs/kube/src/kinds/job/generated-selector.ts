import type { Job } from "./schema.ts";

const prefix = "batch.kubernetes.io/";

/**
 * A Job's pods are found by its uid, unless its user chooses the selector: labels in the template and a selector that
 * asks for them (pkg/registry/batch/job/strategy.go generateSelector).
 */
export function withGeneratedSelector(job: Job): Job {
  const { metadata, spec } = job;
  if (spec.manualSelector === true) return job;
  const { uid = "", name } = metadata;
  const own = {
    [`${prefix}controller-uid`]: uid,
    "controller-uid": uid,
    [`${prefix}job-name`]: name,
    "job-name": name,
  };
  const template = spec.template.metadata;
  return {
    ...job,
    spec: {
      ...spec,
      selector: {
        ...spec.selector,
        matchLabels: { [`${prefix}controller-uid`]: uid, ...spec.selector?.matchLabels },
      },
      template: { ...spec.template, metadata: { ...template, labels: { ...template?.labels, ...own } } },
    },
  };
}
