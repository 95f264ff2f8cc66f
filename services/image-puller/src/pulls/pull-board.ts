import { type Bytes, unknownBytes } from "../domain/download-progress.ts";
import type { PullState } from "./shared-pulls.ts";

/** A call that waits for a pull. */
export interface WaitingCall {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly containerName: string;
  readonly image: string;
  readonly askedAtMs: number;
}

export interface BoardEntry extends WaitingCall {
  readonly queuePosition: number;
  readonly bytes: Bytes;
}

/** Who waits for what at the moment, for whoever asks from outside. */
export class PullBoard {
  readonly #entries = new Map<WaitingCall, PullState>();

  /** Until it is disposed of. */
  enter(call: WaitingCall): Disposable {
    this.#entries.set(call, { queuePosition: 0, bytes: unknownBytes });
    return { [Symbol.dispose]: () => void this.#entries.delete(call) };
  }

  update(call: WaitingCall, state: PullState): void {
    this.#entries.set(call, state);
  }

  /** The oldest first. */
  list(): readonly BoardEntry[] {
    return [...this.#entries].map(([call, state]) => ({ ...call, ...state }));
  }
}
