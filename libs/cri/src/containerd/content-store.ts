import type { Clock } from "@podbus/clock";
import { Content, type Info, type Status } from "@podbus/contracts/containerd";
import { openConnection, readAll, unaryMethods } from "../grpc-connection.ts";

export interface ContentStoreOptions {
  /** "unix:///run/…/containerd.sock": the socket that serves CRI too. */
  readonly endpoint: string;
  readonly clock: Clock;
}

export interface ContentCallOptions {
  readonly timeoutMs: number;
}

/**
 * containerd's blobs, in the namespace of CRI; read only. Another runtime answers UNIMPLEMENTED.
 * Filters: https://github.com/containerd/containerd/blob/main/pkg/filters/filter.go
 */
export interface ContentStore extends AsyncDisposable {
  /** Downloads under way, and those that were given up and not collected yet. */
  ingests(options: ContentCallOptions): Promise<readonly Status[]>;
  /** Blobs that match at least one of the filters. */
  list(filters: readonly string[], options: ContentCallOptions): Promise<readonly Info[]>;
  read(digest: string, options: ContentCallOptions): Promise<Buffer>;
}

/** Where containerd's CRI keeps images. */
const headers = { "containerd-namespace": "k8s.io" };

export function createContentStore({ endpoint, clock }: ContentStoreOptions): ContentStore {
  const connection = openConnection({ endpoint, clock, headers });
  const { listStatuses } = unaryMethods(Content, connection);
  return {
    ingests: async (options) => (await listStatuses({}, options)).statuses,
    list: async (filters, { timeoutMs }) => {
      const init = { filters: [...filters] };
      return (await readAll(connection, Content.method.list, { init, timeoutMs })).flatMap(({ info }) => info);
    },
    read: async (digest, { timeoutMs }) => {
      const parts = await readAll(connection, Content.method.read, { init: { digest }, timeoutMs });
      return Buffer.concat(parts.map(({ data }) => data));
    },
    [Symbol.asyncDispose]: async () => connection[Symbol.dispose](),
  };
}
