import type { DescService } from "@bufbuild/protobuf";
import { PodbusError } from "@podbus/errors";
import type { Bus, Client, Implementation, Target } from "./bus.ts";

/**
 * A bus that is still to come, for a service with work that needs none. Until it is there every call fails at once,
 * UNAVAILABLE; `serve` waits for it, and fails as `coming` does. Disposing it disposes nothing: its maker does.
 */
export function lateBus(coming: Promise<Bus>): Bus {
  return new LateBus(coming);
}

class LateBus implements Bus {
  readonly #coming: Promise<Bus>;
  #bus: Bus | undefined;

  constructor(coming: Promise<Bus>) {
    this.#coming = coming;
    coming.then(
      (bus) => {
        this.#bus = bus;
      },
      // Whoever made the promise hears of its failure.
      () => undefined,
    );
  }

  get connected(): boolean {
    return this.#bus?.connected ?? false;
  }

  async serve<S extends DescService>(service: S, target: Target, implementation: Implementation<S>) {
    return (await this.#coming).serve(service, target, implementation);
  }

  client<S extends DescService>(service: S, target?: Target): Client<S> {
    let client: object | undefined;
    const there = (): object => {
      client ??= this.#bus?.client(service, target);
      if (client) return client;
      throw new PodbusError({ code: "UNAVAILABLE", message: "the bus is not connected yet" });
    };
    const methods = service.methods.map(({ localName, methodKind }) => {
      const call = (...given: unknown[]): unknown => {
        const method: (...given: unknown[]) => unknown = Reflect.get(there(), localName);
        return method(...given);
      };
      return [localName, methodKind === "unary" ? async (...given: unknown[]) => call(...given) : stream(call)];
    });
    return Object.fromEntries(methods) as Client<S>;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function stream(call: (...given: unknown[]) => unknown) {
  return async function* (...given: unknown[]) {
    yield* call(...given) as AsyncIterable<unknown>;
  };
}
