import { discoverySubjects } from "../domain/subjects.ts";
import type { ProviderRoute } from "./provider.ts";

export interface ServiceIdentity {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly startedMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The answers that make a service visible to the `nats` tool: $SRV.PING, INFO and STATS.
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 * Written here and not taken from @nats-io/services, which counts neither the errors nor the time of handlers that
 * answer later; and so that it is the same in memory.
 */
export class Discovery {
  readonly answers: readonly { readonly subject: string; readonly answer: () => object }[];

  constructor(identity: ServiceIdentity, routes: readonly ProviderRoute[], queue: string) {
    const { name, id, version, metadata } = identity;
    const self = { name, id, version, metadata };
    const endpoints = routes.map((route) => describeEndpoint(route, queue));
    const started = new Date(identity.startedMs).toISOString();
    const verbs: Readonly<Record<string, () => object>> = {
      PING: () => ({ type: "io.nats.micro.v1.ping_response", ...self }),
      INFO: () => ({
        type: "io.nats.micro.v1.info_response",
        ...self,
        description: metadata.contract ?? "",
        endpoints,
      }),
      STATS: () => ({
        type: "io.nats.micro.v1.stats_response",
        ...self,
        started,
        endpoints: routes.map((route) => ({ ...pathOf(route, queue), ...route.stats.report() })),
      }),
    };
    this.answers = Object.entries(verbs).flatMap(([verb, answer]) =>
      discoverySubjects(verb, name, id).map((subject) => ({ subject, answer })),
    );
  }
}

function describeEndpoint(route: ProviderRoute, queue: string): object {
  return { ...pathOf(route, queue), metadata: { kind: route.method.methodKind } };
}

function pathOf(route: ProviderRoute, queue: string): object {
  return { name: route.method.name, subject: route.subject, queue_group: queue };
}
