import { parseQuantity } from "../quantity/quantity.ts";
import { type FieldError, invalid } from "./field-error.ts";
import { qualifiedNameProblems } from "./formats.ts";

// pkg/apis/core/helper/helpers.go and pkg/apis/core/validation/validation.go (validateResourceName and what uses it)

const computeNames = ["cpu", "memory", "ephemeral-storage"];

/** Counted in whole objects. */
const objectNames = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];

const quotaNames: ReadonlySet<string> = new Set([
  ...computeNames,
  ...computeNames.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  "requests.storage",
  ...objectNames,
]);

function isHugePages(name: string): boolean {
  return name.startsWith("hugepages-");
}

/** Of Kubernetes itself, not of a vendor. */
function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** Of a vendor: nothing but its name is known. */
export function isExtendedResource(name: string): boolean {
  return !isNative(name) && !name.startsWith("requests.") && qualifiedNameProblems(`requests.${name}`).length === 0;
}

export function isQuotaResource(name: string): boolean {
  return quotaNames.has(name) || isHugePages(name) || name.startsWith("requests.hugepages-");
}

/** Promising more than there is works for time and memory, not for devices. */
export function isOvercommitAllowed(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

type Names = (name: string, field: string) => FieldError[];

export const validateResourceName: Names = (name, field) => {
  const problems = qualifiedNameProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalid(field, name, problem));
  if (name.includes("/") || name === "storage" || isQuotaResource(name)) return [];
  return [invalid(field, name, "must be a standard resource type or fully qualified")];
};

export const validateContainerResourceName: Names = (name, field) => {
  const errors = validateResourceName(name, field);
  if (!name.includes("/")) {
    const fits = computeNames.includes(name) || isHugePages(name);
    return fits ? errors : [...errors, invalid(field, name, "must be a standard resource for containers")];
  }
  if (isNative(name) || isExtendedResource(name)) return errors;
  return [...errors, invalid(field, name, "doesn't follow extended resource name standard")];
};

export const validateQuotaResourceName: Names = (name, field) => {
  const errors = validateResourceName(name, field);
  if (name.includes("/") || isQuotaResource(name)) return errors;
  return [...errors, invalid(field, name, "must be a standard resource for quota")];
};

export function validateResourceAmount(name: string, amount: string, field: string): FieldError[] {
  const { nano } = parseQuantity(amount);
  // As Kubernetes looks at it: finer than a thousandth is nothing.
  const whole = (nano / 1_000_000n) % 1000n === 0n;
  return [
    ...(nano < 0n ? [invalid(field, amount, "must be greater than or equal to 0")] : []),
    ...(!whole && (objectNames.includes(name) || isExtendedResource(name))
      ? [invalid(field, amount, "must be an integer")]
      : []),
  ];
}
