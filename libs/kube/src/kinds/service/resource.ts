import { defineResource, proxySubresource, statusSubresource } from "../../define-resource.ts";
import { dns1035LabelProblems } from "../../validation/formats.ts";
import { serviceColumns } from "./columns.ts";
import { defaultService } from "./defaults.ts";
import { prepareService } from "./prepare.ts";
import { type Service, serviceSchema } from "./schema.ts";
import { validateService, validateServiceStatus, validateServiceUpdate } from "./validate.ts";

export const services = defineResource<Service>({
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  namespaced: true,
  subresources: [{ ...proxySubresource, kind: "ServiceProxyOptions" }, statusSubresource],
  schema: serviceSchema,
  nameProblems: dns1035LabelProblems,
  defaults: defaultService,
  prepare: prepareService,
  validate: validateService,
  validatesWholeUpdate: true,
  validateUpdate: validateServiceUpdate,
  validateStatus: validateServiceStatus,
  initialStatus: () => ({ loadBalancer: {} }),
  selectableFields: ({ spec }) => ({ "spec.clusterIP": spec.clusterIP ?? "", "spec.type": spec.type ?? "" }),
  columns: serviceColumns,
});
