import type { z } from "zod";
import { is, may, objectType } from "./fields.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const objectReferenceSchema = objectType(core("ObjectReference"), {
  kind: may.string,
  namespace: may.string,
  name: may.string,
  uid: may.string,
  apiVersion: may.string,
  resourceVersion: may.string,
  fieldPath: may.string,
});
export type ObjectReference = z.infer<typeof objectReferenceSchema>;

export const localObjectReferenceSchema = objectType(core("LocalObjectReference"), { name: may.string });
export type LocalObjectReference = z.infer<typeof localObjectReferenceSchema>;

export const typedLocalObjectReferenceSchema = objectType(core("TypedLocalObjectReference"), {
  apiGroup: may.string,
  kind: is.string,
  name: is.string,
});

export const typedObjectReferenceSchema = objectType(core("TypedObjectReference"), {
  apiGroup: may.string,
  kind: is.string,
  name: is.string,
  namespace: may.string,
});
