import { subjectsOf } from "@podbus/bus";
import { inboxPrefix } from "@podbus/service";
import type { BusIdentity, ContractUse } from "./identities.ts";

/** What one NATS user may do; everything else is refused. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** The least that each identity needs: the subjects of its contracts, its own inbox, its callers' inboxes. */
export function permissionsOf(identity: BusIdentity, everyone: readonly BusIdentity[]): Permissions {
  const serves = identity.serves.map((use) => subjectsOf(use.service, use.target));
  const calls = identity.calls.map((use) => subjectsOf(use.service, use.target));
  const callers = everyone.filter((other) => other.calls.some((call) => identity.serves.some(serving(call))));
  const answersDiscovery = identity.serves.length > 0 ? everyone.filter((other) => other.discovers) : [];
  return {
    publish: unique([
      ...calls.flatMap((table) => table.call),
      ...[...callers, ...answersDiscovery].map((caller) => `${inboxPrefix(caller.name, caller.node)}.>`),
      ...(identity.store ? storePublish : []),
      ...(identity.discovers ? ["$SRV.>"] : []),
    ]),
    subscribe: unique([
      `${inboxPrefix(identity.name, identity.node)}.>`,
      ...serves.flatMap((table) => [...table.serve, ...table.discovery]),
    ]),
  };
}

const serving =
  (call: ContractUse) =>
  (served: ContractUse): boolean =>
    served.service === call.service &&
    (everyNode(served) || everyNode(call) || served.target.node === call.target.node);

const everyNode = (use: ContractUse) => use.target.node === "*";

/** The one stream of objects: its API, its consumers, its keys. */
const storePublish = [
  "$JS.API.INFO",
  "$JS.API.STREAM.*.KV_objects",
  "$JS.API.STREAM.MSG.GET.KV_objects",
  "$JS.API.DIRECT.GET.KV_objects",
  "$JS.API.DIRECT.GET.KV_objects.>",
  "$JS.API.CONSUMER.*.KV_objects",
  "$JS.API.CONSUMER.*.KV_objects.>",
  "$JS.API.CONSUMER.MSG.NEXT.KV_objects.>",
  "$JS.ACK.KV_objects.>",
  "$JS.FC.KV_objects.>",
  "$KV.objects.>",
];

const unique = (subjects: readonly string[]) => [...new Set(subjects)].sort();
