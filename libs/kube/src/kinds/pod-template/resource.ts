import { defineResource } from "../../define-resource.ts";
import { nameColumn } from "../../table/columns.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { containerImages, containerNames, formatLabels } from "./columns.ts";
import { defaultPodTemplate } from "./defaults.ts";
import { type PodTemplate, podTemplateSchema } from "./schema.ts";
import { validatePodTemplate } from "./validate.ts";

export const podTemplates = defineResource<PodTemplate>({
  kind: "PodTemplate",
  plural: "podtemplates",
  namespaced: true,
  schema: podTemplateSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  defaults: (object) => ({ ...object, template: defaultPodTemplate(object.template) }),
  validate: ({ template }) => validatePodTemplate(template, "template"),
  columns: [
    nameColumn,
    {
      name: "Containers",
      type: "string",
      description: "The names of the template's containers.",
      cell: ({ template }) => containerNames(template),
    },
    {
      name: "Images",
      type: "string",
      description: "The images of the template's containers.",
      cell: ({ template }) => containerImages(template),
    },
    {
      name: "Pod Labels",
      type: "string",
      description: "The labels of pods made from it.",
      cell: ({ template }) => formatLabels(template.metadata?.labels),
    },
  ],
});
