import { conditionFields, type TypeDescriptions } from "./descriptions.ts";

/** What every kind has; a type's own table may say more. */
export const sharedFields: Readonly<Record<string, string>> = {
  apiVersion: "Group and version of the API that the object is written in, such as apps/v1. Chosen by the kind.",
  kind: "The kind of the object, in CamelCase. It cannot change.",
  metadata: "Name, namespace, labels and what else all objects have.",
};

const core = (name: string) => `io.k8s.api.core.v1.${name}`;
const meta = (name: string) => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`;

export const metaDescriptions: TypeDescriptions = {
  [meta("ObjectMeta")]: {
    "": "Identity, labels and life of an object.",
    name: "Unique among the objects of its kind in its namespace. It cannot change.",
    generateName: "Beginning of a name that the server completes when no name is given.",
    namespace: "The namespace that the object lives in; empty for kinds that live in none.",
    selfLink: "Not used any more.",
    uid: "Set by the server: tells this object from others that had its name before or after it.",
    resourceVersion: "Set by the server: changes with every write. An update that names an older one is refused.",
    generation: "Set by the server: counts the changes of what is wanted (spec).",
    creationTimestamp: "Set by the server: when the object was made.",
    deletionTimestamp: "Set by the server: when the object is to be gone, once it has been deleted.",
    deletionGracePeriodSeconds: "Set by the server: how long the object may take to stop after its deletion.",
    labels: "Keys and values to choose objects by.",
    annotations: "Keys and values for tools; not for choosing.",
    ownerReferences: "The objects that this one belongs to. It is removed when all of them are gone.",
    finalizers: "Work that must be done before the object is removed; who has done his part takes his entry out.",
    managedFields: "Which manager set which fields; kept by the server.",
  },
  [meta("OwnerReference")]: {
    apiVersion: "Group and version of the owner.",
    kind: "Kind of the owner.",
    name: "Name of the owner.",
    uid: "Uid of the owner.",
    controller: "Whether the owner is the one controller that manages this object.",
    blockOwnerDeletion: "Whether a foreground deletion of the owner waits for this object.",
  },
  [meta("ManagedFieldsEntry")]: {
    "": "The fields that one manager has set in one way.",
    manager: "Name of the manager.",
    operation: "Apply or Update.",
    apiVersion: "Group and version that the fields are written in.",
    time: "When the manager last changed them.",
    fieldsType: "How the fields are written: FieldsV1.",
    fieldsV1: "The set of fields, as a tree.",
    subresource: "The subresource that they were written through; empty for the object itself.",
  },
  [meta("Condition")]: {
    ...conditionFields,
    observedGeneration: "The metadata.generation that the condition was found for.",
  },
  [meta("ListMeta")]: {
    "": "What a list says of itself.",
    selfLink: "Not used any more.",
    resourceVersion: "The state of the store that the list shows.",
    continue: "To be sent with the next request to get the rest of the list.",
    remainingItemCount: "How many objects follow, where that is known.",
  },
  [meta("LabelSelector")]: {
    matchLabels: "Labels that an object must have with these values.",
    matchExpressions: "Further requirements on labels.",
  },
  [meta("LabelSelectorRequirement")]: {
    "": "One requirement on a label.",
    key: "The label key that the requirement is about.",
    operator: "In, NotIn, Exists or DoesNotExist.",
    values: "The values that In and NotIn compare with; empty for the others.",
  },
  [meta("Preconditions")]: {
    "": "What must hold for a deletion to happen.",
    uid: "The object must have this uid.",
    resourceVersion: "The object must have this resourceVersion.",
  },
  [meta("DeleteOptions")]: {
    "": "How to delete.",
    gracePeriodSeconds: "How long the object may take to stop; 0 removes it at once. Default: what the kind says.",
    preconditions: "Refuse the deletion when these do not hold.",
    orphanDependents: "Use propagationPolicy instead. Whether to leave the objects that belong to this one.",
    propagationPolicy: "What becomes of the objects that belong to this one: Orphan, Background or Foreground.",
    dryRun: "With All nothing is stored.",
    ignoreStoreReadErrorWithClusterBreakingPotential: "Remove the object even if it cannot be read.",
  },
  [core("ObjectReference")]: {
    "": "Names an object, or a part of one.",
    kind: "Kind of the object.",
    namespace: "Namespace of the object.",
    name: "Name of the object.",
    uid: "Uid of the object.",
    apiVersion: "Group and version of the object.",
    resourceVersion: "The version of the object that is meant.",
    fieldPath: "The part that is meant, such as spec.containers{web}.",
  },
  [core("LocalObjectReference")]: {
    "": "Names an object in the same namespace.",
    name: "Name of the object.",
  },
  [core("TypedLocalObjectReference")]: {
    "": "Names an object of any kind in the same namespace.",
    apiGroup: "Group of the object; empty for the core group.",
    kind: "Kind of the object.",
    name: "Name of the object.",
  },
  [core("TypedObjectReference")]: {
    "": "Names an object of any kind, possibly in another namespace.",
    apiGroup: "Group of the object; empty for the core group.",
    kind: "Kind of the object.",
    name: "Name of the object.",
    namespace: "Namespace of the object; default the same one.",
  },
};
