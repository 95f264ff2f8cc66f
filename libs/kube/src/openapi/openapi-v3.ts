import { createHash } from "node:crypto";
import { kubernetesVersion } from "../constants.ts";
import { resources } from "../resources.ts";
import { deleteOptionsSchema } from "../schema/meta.ts";
import { pathsOf } from "./paths.ts";
import { SchemaCollector } from "./schemas.ts";

// GET /openapi/v3 and the documents below it, made from the kinds' own schemas. Made when first asked for, then kept
// as bytes: they are large, and most processes never need them.

/** A document as it is sent. */
export interface EncodedDocument {
  readonly body: Uint8Array;
  /** Of its content, so that a client can keep it until it changes. */
  readonly hash: string;
}

export function encodedDocument(body: Uint8Array): EncodedDocument {
  return { body, hash: createHash("sha256").update(body).digest("hex").toUpperCase() };
}

/** Which documents there are. */
export function openApiV3Index() {
  const paths = groupVersions().map(({ group, version }) => {
    const path = group === "" ? `api/${version}` : `apis/${group}/${version}`;
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${encoded(group, version).hash}` }];
  });
  return { paths: Object.fromEntries(paths) };
}

/** The document of one group version; undefined where there is none. */
export function openApiV3Document(group: string, version: string): EncodedDocument | undefined {
  if (!groupVersions().some((each) => each.group === group && each.version === version)) return undefined;
  return encoded(group, version);
}

const documents = new Map<string, EncodedDocument>();

function encoded(group: string, version: string): EncodedDocument {
  const key = `${group}/${version}`;
  const document = documents.get(key) ?? encodedDocument(Buffer.from(JSON.stringify(makeOpenApiV3(group, version))));
  documents.set(key, document);
  return document;
}

export function groupVersions() {
  const all = resources.map(({ group, version }) => ({ group, version }));
  return all.filter(
    (each, at) => all.findIndex((other) => other.group === each.group && other.version === each.version) === at,
  );
}

export function makeOpenApiV3(group: string, version: string) {
  const collector = new SchemaCollector();
  collector.schemaOf(deleteOptionsSchema);
  const rows = resources.filter((row) => row.group === group && row.version === version);
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: kubernetesVersion.gitVersion },
    paths: Object.fromEntries(rows.flatMap((row) => pathsOf(row, collector))),
    components: { schemas: collector.named },
  };
}
