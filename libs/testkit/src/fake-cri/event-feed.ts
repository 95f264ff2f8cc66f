import type { ContainerEventResponse } from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";

interface Reader {
  readonly queue: ContainerEventResponse[];
  broken: boolean;
  wake: () => void;
}

/** Every reader gets every event from when it began to read (as containerd 2; 1.7 shares events between readers). */
export class EventFeed {
  readonly #readers = new Set<Reader>();

  get readers(): number {
    return this.#readers.size;
  }

  publish(event: ContainerEventResponse): void {
    for (const reader of this.#readers) {
      reader.queue.push(event);
      reader.wake();
    }
  }

  /** Ends every stream with UNAVAILABLE, as a runtime that goes away does. What was not read yet is lost. */
  break(): void {
    for (const reader of this.#readers) {
      reader.broken = true;
      reader.wake();
    }
  }

  /** Begins at once, not at the first next(): what happens between the call and the first read is not lost. */
  read(signal?: AbortSignal): AsyncIterable<ContainerEventResponse> {
    const reader: Reader = { queue: [], broken: false, wake: () => {} };
    this.#readers.add(reader);
    return this.#drain(reader, signal);
  }

  async *#drain(reader: Reader, signal?: AbortSignal): AsyncGenerator<ContainerEventResponse> {
    const onAbort = () => reader.wake();
    signal?.addEventListener("abort", onAbort);
    try {
      while (!signal?.aborted) {
        if (reader.broken) throw new PodbusError({ code: "UNAVAILABLE", message: "the event stream broke" });
        const event = reader.queue.shift();
        if (event) yield event;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#readers.delete(reader);
    }
  }
}
