import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { objectReferenceSchema } from "../../schema/references.ts";

const discovery = (name: string) => `io.k8s.api.discovery.v1.${name}`;

const endpointSchema = objectType(
  discovery("Endpoint"),
  {
    addresses: is.strings,
    conditions: objectType(
      discovery("EndpointConditions"),
      { ready: may.boolean, serving: may.boolean, terminating: may.boolean },
      "What state an endpoint is in.",
    ).optional(),
    hostname: may.stringOrEmpty,
    targetRef: objectReferenceSchema.optional(),
    deprecatedTopology: may.stringMap,
    nodeName: may.stringOrEmpty,
    zone: may.stringOrEmpty,
    hints: objectType(
      discovery("EndpointHints"),
      {
        forZones: listOf(
          objectType(discovery("ForZone"), { name: is.string }, "A zone that an endpoint should serve."),
        ).optional(),
      },
      "Whom an endpoint should serve.",
    ).optional(),
  },
  "One that answers for a service.",
);
export type Endpoint = z.infer<typeof endpointSchema>;

const endpointSlicePortSchema = objectType(
  discovery("EndpointPort"),
  { name: may.stringOrEmpty, protocol: may.stringOrEmpty, port: may.int32, appProtocol: may.stringOrEmpty },
  "A port of every endpoint of a slice.",
);
export type EndpointSlicePort = z.infer<typeof endpointSlicePortSchema>;

export const endpointSliceSchema = objectType(
  discovery("EndpointSlice"),
  {
    ...typedObjectShape,
    addressType: is.string,
    endpoints: listOf(endpointSchema),
    ports: listOf(endpointSlicePortSchema).optional(),
  },
  "Some of the endpoints of a service. A service may have several slices.",
);
export type EndpointSlice = z.infer<typeof endpointSliceSchema>;
