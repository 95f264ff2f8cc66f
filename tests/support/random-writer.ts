import fc from "fast-check";
import type { ApiClient } from "./api-client.ts";

export type WriteAction = { readonly kind: "create" | "update" | "flip" | "delete"; readonly name: string };

export const writeAction = (names: number): fc.Arbitrary<WriteAction> =>
  fc.record({
    kind: fc.constantFrom("create", "create", "update", "flip", "flip", "delete"),
    name: fc.nat({ max: names - 1 }).map((number) => `c${number}`),
  });

/** Carries out writes one after another, and remembers at which revision each was acknowledged. */
export class RandomWriter {
  readonly acknowledged: number[] = [];
  readonly #api: ApiClient;
  readonly #collection: string;

  constructor(api: ApiClient, namespace: string) {
    this.#api = api;
    this.#collection = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  /** Answers that refuse (conflict, not found, …) and broken connections are part of it: such a write counts for nothing. */
  async perform(action: WriteAction): Promise<void> {
    try {
      const { code, body } = await this.#send(action);
      if (code < 300 && body.kind === "ConfigMap") this.acknowledged.push(Number(body.metadata.resourceVersion));
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }

  async #send({ kind, name }: WriteAction) {
    const path = `${this.#collection}/${name}`;
    const data = { at: String(this.acknowledged.length) };
    switch (kind) {
      case "create":
        return this.#api.call("POST", this.#collection, { body: { metadata: { name, labels: { side: "a" } }, data } });
      case "delete":
        return this.#api.call("DELETE", path);
      case "flip": {
        const side = this.acknowledged.length % 2 === 0 ? "a" : "b";
        const contentType = "application/merge-patch+json";
        return this.#api.call("PATCH", path, { contentType, body: { metadata: { labels: { side } }, data } });
      }
      case "update": {
        const current = await this.#api.call("GET", path);
        return current.code === 200 ? this.#api.call("PUT", path, { body: { ...current.body, data } }) : current;
      }
    }
  }
}
