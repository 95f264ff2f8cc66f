import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { objectReferenceSchema } from "../../schema/references.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

const endpointAddressSchema = objectType(
  core("EndpointAddress"),
  { ip: is.string, hostname: may.string, nodeName: may.stringOrEmpty, targetRef: objectReferenceSchema.optional() },
  "An address that answers for a service.",
);
export type EndpointAddress = z.infer<typeof endpointAddressSchema>;

const endpointPortSchema = objectType(
  core("EndpointPort"),
  { name: may.string, port: is.int32, protocol: may.string, appProtocol: may.stringOrEmpty },
  "A port of every address of a group.",
);
export type EndpointPort = z.infer<typeof endpointPortSchema>;

const endpointSubsetSchema = objectType(
  core("EndpointSubset"),
  {
    addresses: listOf(endpointAddressSchema).optional(),
    notReadyAddresses: listOf(endpointAddressSchema).optional(),
    ports: listOf(endpointPortSchema).optional(),
  },
  "Addresses that have the same ports.",
);
export type EndpointSubset = z.infer<typeof endpointSubsetSchema>;

export const endpointsSchema = objectType(
  core("Endpoints"),
  { ...typedObjectShape, subsets: listOf(endpointSubsetSchema).optional() },
  "The addresses that answer for the service of the same name.",
);
export type Endpoints = z.infer<typeof endpointsSchema>;
