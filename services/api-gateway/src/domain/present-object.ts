import type { KubeObject, ResourceDefinition } from "@podbus/kube";
import { toTable } from "@podbus/kube";
import type { Negotiated } from "./negotiate-media-type.ts";

/** In what form a client wants objects of a kind. */
export interface Presentation {
  readonly resource: ResourceDefinition;
  readonly negotiated: Negotiated;
  readonly includeObject: "None" | "Metadata" | "Object";
  /** Unix milliseconds, for ages. */
  readonly now: number;
}

export function presentObject(object: KubeObject, presentation: Presentation): object {
  switch (presentation.negotiated.as) {
    case "Table":
      return { ...tableOf([object], presentation), metadata: { resourceVersion: object.metadata.resourceVersion } };
    case "PartialObjectMetadata":
      return partialMetadata(object, presentation);
    default:
      return object;
  }
}

export function presentList(objects: readonly KubeObject[], revision: number, presentation: Presentation): object {
  const metadata = { resourceVersion: String(revision) };
  switch (presentation.negotiated.as) {
    case "Table":
      return { ...tableOf(objects, presentation), metadata };
    case "PartialObjectMetadata":
      return {
        kind: "PartialObjectMetadataList",
        apiVersion: metaVersion(presentation),
        metadata,
        items: objects.map((object) => partialMetadata(object, presentation)),
      };
    default: {
      const { resource } = presentation;
      const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
      return { kind: `${resource.kind}List`, apiVersion, metadata, items: objects };
    }
  }
}

function tableOf(objects: readonly KubeObject[], { resource, includeObject, now, ...rest }: Presentation) {
  return { ...toTable(resource, objects, { includeObject, now }), apiVersion: metaVersion(rest) };
}

function partialMetadata({ metadata }: KubeObject, presentation: Pick<Presentation, "negotiated">): object {
  return { kind: "PartialObjectMetadata", apiVersion: metaVersion(presentation), metadata };
}

function metaVersion({ negotiated }: Pick<Presentation, "negotiated">): string {
  return `meta.k8s.io/${negotiated.version}`;
}
