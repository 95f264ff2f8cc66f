import {
  type FieldError,
  isHeadless,
  type KubeObject,
  needsClusterIp,
  needsHealthCheckPort,
  needsNodePort,
  type ResourceDefinition,
  type Service,
  type ServicePort,
  services,
  statusInternal,
  statusInvalid,
} from "@podbus/kube";
import {
  addressClaim,
  addressProblem,
  addressTaken,
  addressText,
  type Claim,
  candidates,
  claimsOf,
  keptAddresses,
  keptPorts,
  portClaim,
  portProblem,
  portTaken,
  sharedNodePort,
} from "../domain/service-claims.ts";
import type { GatewayPorts } from "../ports.ts";
import { claim, claimRevision, isClaimed, releaseAt } from "./service-claims.ts";

type Ports = Pick<GatewayPorts, "store" | "clock" | "log" | "serviceRanges">;

export interface AllocationRequest<T extends KubeObject> {
  readonly resource: ResourceDefinition;
  readonly object: T;
  readonly previous?: KubeObject | undefined;
  readonly dryRun: boolean;
}

/** An object that may be stored now. */
export interface Allocated<T extends KubeObject> {
  readonly object: T;
  /** It was stored: what it has no longer is given back. */
  settle(): Promise<void>;
  /** It is surely not stored (wasRefused): what it was given is given back. */
  undo(): Promise<void>;
}

/**
 * A Service with its addresses and ports, which nobody else gets; any other object as it is. Throws Kubernetes' Status where
 * one cannot be had.
 */
export async function allocate<T extends KubeObject>(
  ports: Ports,
  { resource, object, previous, dryRun }: AllocationRequest<T>,
): Promise<Allocated<T>> {
  if (resource.storageResource !== services.storageResource) {
    const nothing = () => Promise.resolve();
    return { object, settle: nothing, undo: nothing };
  }
  // What is stored below "services" is a Service.
  const allocation = new Allocation(ports, object as KubeObject as Service, { previous: previous as Service, dryRun });
  try {
    const complete = await allocation.complete();
    return {
      object: complete as KubeObject as T,
      settle: () => allocation.settle(complete),
      undo: () => allocation.undo(),
    };
  } catch (error) {
    await allocation.undo();
    throw error;
  }
}

class Allocation {
  readonly #ports: Ports;
  readonly #service: Service;
  readonly #dryRun: boolean;
  /** What it had before, with the revision of the claim; undefined where that is not known. */
  readonly #held: ReadonlyMap<Claim, number | undefined>;
  /** What this write alone has made, with the revision of the claim. */
  readonly #made = new Map<Claim, number>();
  /** One and the same is not given to two ports. */
  readonly #tried = new Set<Claim>();

  constructor(
    ports: Ports,
    service: Service,
    { previous, dryRun }: { readonly previous: Service | undefined; readonly dryRun: boolean },
  ) {
    this.#ports = ports;
    this.#service = service;
    this.#dryRun = dryRun;
    this.#held = new Map([...(previous ? claimsOf(previous) : [])].map((each) => [each, claimRevision(ports, each)]));
  }

  /** The Service with all that it needs. */
  async complete(): Promise<Service> {
    await this.#claimNamed();
    const { spec } = this.#service;
    const needsAddress = needsClusterIp(spec) && !isHeadless(spec) && !spec.clusterIP;
    const address = needsAddress ? await this.#newAddress() : undefined;
    const ports = needsNodePort(spec) ? await this.#withNodePorts(spec.ports ?? []) : spec.ports;
    const check = needsHealthCheckPort(spec) && !spec.healthCheckNodePort ? await this.#newPort() : undefined;
    return {
      ...this.#service,
      spec: {
        ...spec,
        ...(address ? { clusterIP: address, clusterIPs: [address] } : {}),
        ...(ports ? { ports } : {}),
        ...(check ? { healthCheckNodePort: check } : {}),
      },
    };
  }

  /** Stored: what it has no longer is free again. */
  async settle(stored: Service): Promise<void> {
    if (this.#dryRun) return;
    const has = claimsOf(stored);
    await this.#release([...this.#held].filter(([held]) => !has.has(held)));
  }

  async undo(): Promise<void> {
    await this.#release(this.#made);
    this.#made.clear();
  }

  /** One that stays behind is found later: see controllers/service-claims.ts. */
  async #release(claims: Iterable<readonly [Claim, number | undefined]>): Promise<void> {
    const { log } = this.#ports;
    for (const [held, revision] of claims) {
      if (revision === undefined) continue;
      await releaseAt(this.#ports, held, revision).catch((err) =>
        log.warn({ err, claim: held }, "cannot give back a claim"),
      );
    }
  }

  /** What the user asks for by name. */
  async #claimNamed(): Promise<void> {
    const { addresses, nodePorts } = this.#ports.serviceRanges;
    for (const wanted of claimsOf(this.#service)) {
      if (this.#held.has(wanted)) continue;
      const value = wanted.slice(wanted.indexOf(".") + 1);
      const isAddress = wanted === addressClaim(value);
      const outside = isAddress
        ? addressProblem(this.#service, value, addresses)
        : portProblem(this.#service, Number(value), nodePorts);
      this.#refuse(outside);
      if (await this.#claim(wanted)) continue;
      this.#refuse([isAddress ? addressTaken(this.#service, value) : portTaken(this.#service, Number(value))]);
    }
  }

  async #withNodePorts(given: readonly ServicePort[]): Promise<ServicePort[]> {
    const ports = [...given];
    for (const [index, port] of ports.entries()) {
      if (port.nodePort) continue;
      ports[index] = { ...port, nodePort: sharedNodePort(ports, port) ?? (await this.#newPort()) };
    }
    return ports;
  }

  async #newAddress(): Promise<string> {
    // The first one is the Service "kubernetes".
    const { first, last } = this.#ports.serviceRanges.addresses;
    for (const number of candidates({ first: first + 1, last }, keptAddresses, Math.random)) {
      const address = addressText(number);
      if (await this.#claimFree(addressClaim(address))) return address;
    }
    throw statusInternal("failed to allocate a serviceIP: range is full");
  }

  async #newPort(): Promise<number> {
    for (const port of candidates(this.#ports.serviceRanges.nodePorts, keptPorts, Math.random)) {
      if (await this.#claimFree(portClaim(port))) return port;
    }
    throw statusInternal("failed to allocate a nodePort: range is full");
  }

  async #claimFree(wanted: Claim): Promise<boolean> {
    return !isClaimed(this.#ports, wanted) && !this.#tried.has(wanted) && (await this.#claim(wanted));
  }

  /** A dry run only looks. */
  async #claim(wanted: Claim): Promise<boolean> {
    this.#tried.add(wanted);
    if (this.#dryRun) return !isClaimed(this.#ports, wanted);
    const made = await claim(this.#ports, wanted, this.#service);
    if (made && !made.shared) this.#made.set(wanted, made.revision);
    return made !== undefined;
  }

  #refuse(errors: readonly FieldError[]): void {
    if (errors.length > 0) throw statusInvalid(services, this.#service.metadata.name, errors);
  }
}
