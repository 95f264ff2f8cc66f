import type { Implementation } from "@podbus/bus";
import { type Admission, Operation, type ReviewRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { findResource, type KubeObject } from "@podbus/kube";
import type { ObjectStore, StorableObject, StoredObject } from "@podbus/store";
import type { AdmissionLookup, AdmissionRequest, AdmissionStep } from "../domain/admission/admission-step.ts";
import { reviewObject } from "../domain/admission/review-object.ts";

type Review = Implementation<typeof Admission>["review"];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function review(store: Pick<ObjectStore, "cache" | "latestRevision">, steps: readonly AdmissionStep[]): Review {
  return async (message, { signal }) => {
    const request = decode(message);
    let missed = false;
    const lookup = lookupIn(store, () => {
      missed = true;
    });
    let verdict = reviewObject(request, lookup, steps);
    if (verdict.kind === "refuse" && missed) {
      // What was not found may be newer than this process's cache: look again once it has caught up.
      await store.cache.waitForRevision(await store.latestRevision(), signal);
      verdict = reviewObject(request, lookup, steps);
    }
    const warnings = [...verdict.warnings];
    return verdict.kind === "admit"
      ? { verdict: { case: "objectJson" as const, value: encode(verdict.object) }, warnings }
      : { verdict: { case: "refusedStatusJson" as const, value: encode(verdict.status) }, warnings };
  };
}

function lookupIn({ cache }: Pick<ObjectStore, "cache">, onMiss: () => void): AdmissionLookup {
  return {
    get<T extends KubeObject>(resource: string, namespace: string, name: string): T | undefined {
      const stored: StoredObject<StorableObject> | undefined = cache.get({ resource, namespace, name });
      if (!stored) onMiss();
      return stored?.value as T | undefined;
    },
    list<T extends KubeObject>(resource: string): readonly T[] {
      return cache.list<StorableObject>(resource).items.map(({ value }) => value as T);
    },
  };
}

function decode(message: ReviewRequest): AdmissionRequest {
  const { group, version, subresource, namespace, name } = message;
  const resource = findResource(group, version, message.resource);
  if (!resource) throw invalid(`no resource ${message.resource} in ${group || "core"}/${version}`);
  const oldObject = message.oldObjectJson.length > 0 ? parse(message.oldObjectJson) : undefined;
  const operation = message.operation === Operation.UPDATE ? "update" : "create";
  if (message.operation === Operation.UNSPECIFIED) throw invalid("the operation is missing");
  if ((operation === "update") !== (oldObject !== undefined))
    throw invalid("an update, and only that, has an old object");
  const object = parse(message.objectJson);
  return { operation, resource, subresource, namespace, name, object, ...(oldObject ? { oldObject } : {}) };
}

function parse(json: Uint8Array): KubeObject {
  try {
    return JSON.parse(decoder.decode(json)) as KubeObject;
  } catch (error) {
    throw invalid(`an object is not JSON: ${(error as Error).message}`);
  }
}

const encode = (value: unknown) => encoder.encode(JSON.stringify(value));

const invalid = (message: string) => new PodbusError({ code: "INVALID_ARGUMENT", reason: "BadRequest", message });
