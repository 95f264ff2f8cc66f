export interface Waiting {
  readonly flow: string;
  readonly seats: number;
  /** Called once, when its turn has come. */
  readonly start: () => void;
}

export interface FairQueueLimits {
  readonly seats: number;
  /** Requests that may wait, of one flow. */
  readonly perFlow: number;
  /** And of all flows. */
  readonly total: number;
}

/**
 * Gives out the seats of one priority level. Where they are all taken, flows take turns and the requests of one flow wait
 * in the order in which they came, so that who asks for much only holds up himself.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  /** By flow; the one whose turn is next comes first. */
  readonly #flows = new Map<string, Waiting[]>();
  #taken = 0;
  #waiting = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** "now": it has its seats, and `start` is not called. "refused": too many wait already. */
  enter(request: Waiting): "now" | "later" | "refused" {
    const { seats, perFlow, total } = this.#limits;
    if (this.#waiting === 0 && this.#taken + this.#needs(request) <= seats) {
      this.#taken += this.#needs(request);
      return "now";
    }
    const flow = this.#flows.get(request.flow) ?? [];
    if (this.#waiting >= total || flow.length >= perFlow) return "refused";
    flow.push(request);
    this.#flows.set(request.flow, flow);
    this.#waiting += 1;
    return "later";
  }

  /** Gives its seats back. */
  leave(request: Waiting): void {
    this.#taken -= this.#needs(request);
    this.#startNext();
  }

  /** It waits no longer. */
  giveUp(request: Waiting): void {
    const flow = this.#flows.get(request.flow);
    const index = flow?.indexOf(request) ?? -1;
    if (!flow || index < 0) return;
    flow.splice(index, 1);
    this.#waiting -= 1;
    if (flow.length === 0) this.#flows.delete(request.flow);
    this.#startNext();
  }

  #startNext(): void {
    for (const [name, flow] of this.#flows) {
      const [next] = flow;
      // What is next waits for enough seats: a small request that passed it by would let it starve.
      if (!next || this.#taken + this.#needs(next) > this.#limits.seats) return;
      flow.shift();
      this.#flows.delete(name);
      if (flow.length > 0) this.#flows.set(name, flow);
      this.#waiting -= 1;
      this.#taken += this.#needs(next);
      next.start();
    }
  }

  #needs({ seats }: Waiting): number {
    return Math.min(seats, this.#limits.seats);
  }
}
