import { Operation } from "@podbus/contracts";
import {
  type KubeObject,
  type ResourceDefinition,
  type Status,
  StatusError,
  statusInternal,
  statusInvalid,
} from "@podbus/kube";
import { withSpan } from "@podbus/telemetry";
import type { GatewayPorts } from "../ports.ts";

export interface AdmissionSubject {
  readonly resource: ResourceDefinition;
  readonly object: KubeObject;
  /** The stored object, for an update. */
  readonly previous?: KubeObject;
  readonly subresource?: string;
  readonly user: string;
}

export interface Admitted {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** Written often and by machines: their rules need nobody else's word. */
const admittedHere: ReadonlySet<string> = new Set(["events", "leases"]);

/** Has an object completed and judged before it is stored. Throws the Status of a refusal. */
export async function admitObject(ports: GatewayPorts, subject: AdmissionSubject): Promise<Admitted> {
  if (admittedHere.has(subject.resource.plural)) return admitHere(subject);
  return withSpan(ports.tracer, "admission", {}, () => review(ports, subject));
}

function admitHere({ resource, object, previous }: AdmissionSubject): Admitted {
  const complete = resource.defaults(object);
  const errors = previous ? resource.validateUpdate(complete, previous) : resource.validate(complete);
  if (errors.length > 0) throw statusInvalid(resource, complete.metadata.name, errors);
  return { object: complete, warnings: [] };
}

async function review(ports: GatewayPorts, subject: AdmissionSubject): Promise<Admitted> {
  const { resource, object, previous, subresource = "", user } = subject;
  const { verdict, warnings } = await ports.admission.review({
    operation: previous ? Operation.UPDATE : Operation.CREATE,
    group: resource.group,
    version: resource.version,
    resource: resource.plural,
    subresource,
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name,
    objectJson: encode(object),
    ...(previous ? { oldObjectJson: encode(previous) } : {}),
    user,
  });
  if (verdict.case === "refusedStatusJson") throw new StatusError(decode<Status>(verdict.value));
  if (verdict.case !== "objectJson") throw statusInternal("admission gave no verdict");
  return { object: decode<KubeObject>(verdict.value), warnings };
}

function encode(object: KubeObject): Uint8Array {
  return Buffer.from(JSON.stringify(object));
}

/** What a service of ours wrote: its contract is the check. */
function decode<T>(json: Uint8Array): T {
  return JSON.parse(Buffer.from(json).toString("utf8")) as T;
}
