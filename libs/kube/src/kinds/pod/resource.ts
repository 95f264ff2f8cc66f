import { defineResource, proxySubresource, statusSubresource } from "../../define-resource.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { podColumns } from "./columns.ts";
import { defaultPod } from "./defaults.ts";
import { ephemeralContainersUpdate } from "./ephemeral-containers.ts";
import { qosClass } from "./resources.ts";
import { type Pod, podSchema } from "./schema.ts";
import { validateNewPod } from "./validate.ts";
import { validatePodStatus, validatePodUpdate } from "./validate-update.ts";

export const pods = defineResource<Pod>({
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  namespaced: true,
  subresources: [
    { name: "attach", verbs: ["create", "get"], kind: "PodAttachOptions" },
    { name: "ephemeralcontainers", verbs: ["get", "patch", "update"], update: ephemeralContainersUpdate },
    { name: "eviction", verbs: ["create"], kind: "Eviction", group: "policy", version: "v1" },
    { name: "exec", verbs: ["create", "get"], kind: "PodExecOptions" },
    { name: "log", verbs: ["get"] },
    { name: "portforward", verbs: ["create", "get"], kind: "PodPortForwardOptions" },
    { ...proxySubresource, kind: "PodProxyOptions" },
    statusSubresource,
  ],
  schema: podSchema,
  nameProblems: dnsSubdomainProblems,
  defaults: defaultPod,
  validate: validateNewPod,
  validateUpdate: validatePodUpdate,
  validatesWholeUpdate: true,
  validateStatus: validatePodStatus,
  initialStatus: (pod) => ({ phase: "Pending", qosClass: qosClass(pod) }),
  selectableFields: ({ spec, status }) => ({
    "spec.nodeName": spec.nodeName ?? "",
    "spec.restartPolicy": spec.restartPolicy ?? "",
    "spec.schedulerName": spec.schedulerName ?? "",
    "spec.serviceAccountName": spec.serviceAccountName ?? "",
    "spec.hostNetwork": String(spec.hostNetwork ?? false),
    "status.phase": status?.phase ?? "",
    "status.podIP": status?.podIPs?.[0]?.ip ?? status?.podIP ?? "",
    "status.nominatedNodeName": status?.nominatedNodeName ?? "",
  }),
  columns: podColumns,
});
