import {
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
  quantityValue,
  subtractQuantity,
} from "@podbus/kube";

type ResourceList = Readonly<Record<string, string>>;

export interface MachineSize {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
  /** Bytes of huge pages by their size as Kubernetes writes it: "2Mi". */
  readonly hugePages: Readonly<Record<string, number>>;
}

/** What pods may not have of a node. */
export interface Reservations {
  readonly kube: ResourceList;
  readonly system: ResourceList;
  /** By signal, "memory.available": an amount, or a share of the capacity as "10%". */
  readonly eviction: ResourceList;
}

export function nodeCapacity({ cpus, memoryBytes, ephemeralBytes, hugePages }: MachineSize, maxPods: number) {
  return {
    cpu: String(cpus),
    memory: kibibytes(memoryBytes),
    "ephemeral-storage": kibibytes(ephemeralBytes),
    ...Object.fromEntries(
      Object.entries(hugePages).map(([size, bytes]) => [`hugepages-${size}`, quantityOf(bytes, "BinarySI")]),
    ),
    pods: String(maxPods),
  };
}

/** The capacity without what is reserved; memory also without huge pages. kubelet: pkg/kubelet/nodestatus/setters.go MachineInfo. */
export function nodeAllocatable(capacity: ResourceList, reservations: Reservations): Record<string, string> {
  return Object.fromEntries(
    Object.entries(capacity).map(([resource, amount]) => {
      const taken = [
        ...reservedOf(resource, amount, reservations),
        ...(resource === "memory" ? hugePagesOf(capacity) : []),
      ];
      const left = taken.reduce<Quantity>(subtractQuantity, parseQuantity(amount));
      return [resource, left.nano > 0n ? formatQuantity(left) : "0"];
    }),
  );
}

function reservedOf(resource: string, capacity: string, { kube, system, eviction }: Reservations): Quantity[] {
  const threshold = eviction[signals[resource] ?? ""];
  return [
    ...[kube[resource], system[resource]].flatMap((amount) => (amount === undefined ? [] : [parseQuantity(amount)])),
    ...(threshold === undefined ? [] : [thresholdOf(threshold, capacity)]),
  ];
}

/** pkg/kubelet/cm/node_container_manager_linux.go hardEvictionReservation. */
const signals: Readonly<Record<string, string>> = {
  memory: "memory.available",
  "ephemeral-storage": "nodefs.available",
};

function thresholdOf(threshold: string, capacity: string): Quantity {
  if (!threshold.endsWith("%")) return parseQuantity(threshold);
  return parseQuantity(Math.floor((quantityValue(capacity) * Number.parseFloat(threshold)) / 100));
}

const hugePagesOf = (capacity: ResourceList): Quantity[] =>
  Object.entries(capacity).flatMap(([name, amount]) => (name.startsWith("hugepages-") ? [parseQuantity(amount)] : []));

const kibibytes = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`;
