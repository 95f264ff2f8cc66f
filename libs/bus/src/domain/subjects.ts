import { type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { Scope, scope } from "@podbus/contracts";
import type { Target } from "../bus.ts";
import { encodeNodeName } from "./node-token.ts";

const root = "podbus.v1";

/** The service's name in subjects and in ADR-32 answers: ImagePuller → image-puller. */
export function serviceToken(service: DescService): string {
  return service.name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

/** The subjects of one service at one place. `anyNode` marks a provider that serves every node's subject. */
export class ServiceSubjects {
  readonly token: string;
  readonly anyNode: boolean;
  readonly #prefix: string;
  /** Where a node's token stands in a subject of a node-scoped service; -1 for a cluster service. */
  readonly #nodeIndex: number;

  constructor(service: DescService, target: Target) {
    this.token = serviceToken(service);
    this.anyNode = target.node === "*";
    if (isNodeScoped(service)) {
      if (target.node === undefined) throw new TypeError(`${service.typeName} is a service of a node: name the node`);
      this.#prefix = `${root}.node.${this.anyNode ? "*" : encodeNodeName(target.node)}.${this.token}`;
      this.#nodeIndex = 3;
    } else {
      if (target.node !== undefined)
        throw new TypeError(`${service.typeName} is a service of the cluster: name no node`);
      this.#prefix = `${root}.${this.token}`;
      this.#nodeIndex = -1;
    }
  }

  method(method: DescMethod): string {
    return `${this.#prefix}.${method.name}`;
  }

  /** Where one instance hears its callers' credits and cancellations; "all" reaches every instance, "*" is the pattern. */
  control(instance: string): string {
    return `${this.#prefix}.control.${instance}`;
  }

  /** The node token of a subject on which a message came; "" for a cluster service. */
  nodeTokenOf(subject: string): string {
    return this.#nodeIndex < 0 ? "" : (subject.split(".")[this.#nodeIndex] ?? "");
  }
}

export function isNodeScoped(service: DescService): boolean {
  const declared = getOption(service, scope);
  if (declared === Scope.UNSPECIFIED) throw new TypeError(`${service.typeName} declares no podbus.bus.v1.scope`);
  return declared === Scope.NODE;
}

/** What a service's provider and its callers need of the subject space; for permission tables. */
export interface SubjectTable {
  /** The queue group of every method subject. */
  readonly queue: string;
  /** A provider subscribes to these (methods in the queue group, control without). */
  readonly serve: readonly string[];
  /** A provider also answers ADR-32 discovery on these. */
  readonly discovery: readonly string[];
  /**
   * A caller publishes to these. It subscribes to its own inbox prefix, `<inbox prefix>.>`, and a provider must be
   * allowed to publish to its callers' inboxes (NATS: `allow_responses`, without a bound on number or time, since a
   * stream sends many messages to one reply subject).
   */
  readonly call: readonly string[];
}

/** Subjects of a service. Pass node "*" for one who serves, or calls, every node. */
export function subjectsOf(service: DescService, target: Target = {}): SubjectTable {
  const subjects = new ServiceSubjects(service, target);
  const methods = service.methods.map((method) => subjects.method(method));
  return {
    queue: subjects.token,
    serve: [...methods, subjects.control("*")],
    discovery: ["PING", "INFO", "STATS"].flatMap((verb) => discoverySubjects(verb, subjects.token, "*")),
    call: [...methods, subjects.control("*")],
  };
}

/** ADR-32: one verb is asked of all services, of all instances of one, or of one instance. */
export function discoverySubjects(verb: string, name: string, id: string): readonly string[] {
  return [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`];
}
