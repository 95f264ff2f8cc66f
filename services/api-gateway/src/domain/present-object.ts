import type { KubeObject, ResourceDefinition } from "@podbus/kube";
import { toTable } from "@podbus/kube";
import type { ListPage } from "./list-page.ts";
import type { Negotiated } from "./negotiate-media-type.ts";

/** In what form a client wants objects of a kind. */
export interface Presentation {
  readonly resource: ResourceDefinition;
  readonly negotiated: Negotiated;
  readonly includeObject: "None" | "Metadata" | "Object";
  /** Unix milliseconds, for ages. */
  readonly now: number;
}

/** A stored object as the client wants it. */
export function presentObject(stored: KubeObject, presentation: Presentation): object {
  const object = presentation.resource.fromStored(stored);
  switch (presentation.negotiated.as) {
    case "Table":
      return { ...tableOf([object], presentation), metadata: { resourceVersion: object.metadata.resourceVersion } };
    case "PartialObjectMetadata":
      return partialMetadata(object, presentation);
    default:
      return object;
  }
}

/** Stored objects as the client wants them. */
export function presentList({ objects: stored, metadata }: ListPage, presentation: Presentation): object {
  const objects = stored.map(presentation.resource.fromStored);
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
