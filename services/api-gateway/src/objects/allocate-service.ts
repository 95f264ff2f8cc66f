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
import { claim, isClaimed, release } from "./service-claims.ts";

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
  /** It was not stored: what it was given is given back. */
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
  const undo = () => allocation.undo();
  try {
    const complete = await allocation.complete();
    return { object: complete as KubeObject as T, settle: () => allocation.settle(complete), undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

class Allocation {
  readonly #ports: Ports;
  readonly #service: Service;
  readonly #dryRun: boolean;
  /** What it had before. */
  readonly #held: ReadonlySet<Claim>;
  readonly #made: Claim[] = [];

  constructor(
    ports: Ports,
    service: Service,
    { previous, dryRun }: { readonly previous: Service | undefined; readonly dryRun: boolean },
  ) {
    this.#ports = ports;
    this.#service = service;
    this.#dryRun = dryRun;
    this.#held = previous ? claimsOf(previous) : new Set();
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
    await this.#release([...this.#held].filter((each) => !has.has(each)));
  }

  async undo(): Promise<void> {
    await this.#release(this.#made);
  }

  /** One that stays behind is found later: see controllers/service-claims.ts. */
  async #release(claims: readonly Claim[]): Promise<void> {
    const { log } = this.#ports;
    await release(this.#ports, claims, this.#service).catch((err) =>
      log.warn({ err, claims }, "cannot give back claims"),
    );
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
    return !isClaimed(this.#ports, wanted) && !this.#made.includes(wanted) && (await this.#claim(wanted));
  }

  /** A dry run only looks. */
  async #claim(wanted: Claim): Promise<boolean> {
    const got = this.#dryRun ? !isClaimed(this.#ports, wanted) : await claim(this.#ports, wanted, this.#service);
    if (got) this.#made.push(wanted);
    return got;
  }

  #refuse(errors: readonly FieldError[]): void {
    if (errors.length > 0) throw statusInvalid(services, this.#service.metadata.name, errors);
  }
}
