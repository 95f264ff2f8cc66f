interface Waiting {
  readonly image: string;
  hasTurn: boolean;
  wake: () => void;
}

interface PodState {
  image: string;
  /** Calls for that image. */
  holders: number;
  readonly waiting: Waiting[];
}

/** Lets the images of one pod be pulled one after the other, in order of arrival; calls for one image go together. */
export class PodOrder {
  readonly #pods = new Map<string, PodState>();

  /** Pods that have something under way. */
  get size(): number {
    return this.#pods.size;
  }

  /**
   * Yields how many images of the pod have their turn before it is this call's, whenever that changes (1: it is next), and
   * returns once it is; disposing lets the next one in. Throws the signal's reason.
   */
  async *enter(uid: string, image: string, signal: AbortSignal): AsyncGenerator<number, Disposable, void> {
    signal.throwIfAborted();
    const pod = this.#pods.get(uid);
    if (!pod) this.#pods.set(uid, { image, holders: 1, waiting: [] });
    else if (pod.image === image) pod.holders += 1;
    else yield* this.#wait({ uid, pod, image }, signal);
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (!left) this.#leave(uid);
        left = true;
      },
    };
  }

  async *#wait(
    { uid, pod, image }: { readonly uid: string; readonly pod: PodState; readonly image: string },
    signal: AbortSignal,
  ): AsyncGenerator<number, void, void> {
    const place: Waiting = { image, hasTurn: false, wake: () => {} };
    pod.waiting.push(place);
    let entered = false;
    try {
      for (let told = 0; !place.hasTurn; ) {
        signal.throwIfAborted();
        const position = positionOf(pod, image);
        if (position !== told) {
          told = position;
          yield position;
        } else {
          await woken(place, signal);
        }
      }
      entered = true;
    } finally {
      if (!place.hasTurn) giveUp(pod, place);
      else if (!entered) this.#leave(uid);
    }
  }

  #leave(uid: string): void {
    const pod = this.#pods.get(uid);
    if (!pod) return;
    pod.holders -= 1;
    if (pod.holders > 0) return;
    const [next] = pod.waiting;
    if (!next) {
      this.#pods.delete(uid);
      return;
    }
    const together = pod.waiting.filter(({ image }) => image === next.image);
    const others = pod.waiting.filter(({ image }) => image !== next.image);
    pod.waiting.splice(0, pod.waiting.length, ...others);
    pod.image = next.image;
    pod.holders = together.length;
    for (const place of together) place.hasTurn = true;
    for (const { wake } of [...together, ...others]) wake();
  }
}

function positionOf(pod: PodState, image: string): number {
  const images = [...new Set(pod.waiting.map((place) => place.image))];
  return images.indexOf(image) + 1;
}

function giveUp(pod: PodState, place: Waiting): void {
  pod.waiting.splice(pod.waiting.indexOf(place), 1);
  for (const { wake } of pod.waiting) wake();
}

function woken(place: Waiting, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    place.wake = () => {
      signal.removeEventListener("abort", place.wake);
      resolve();
    };
    signal.addEventListener("abort", place.wake, { once: true });
  });
}
