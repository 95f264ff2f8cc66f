interface Waiting {
  readonly image: string;
  readonly enter: () => void;
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

  /** Whether a call for this image of the pod would have to wait. */
  isBusy(uid: string, image: string): boolean {
    const pod = this.#pods.get(uid);
    return pod !== undefined && pod.image !== image;
  }

  /** Resolves when it is this call's turn; disposing lets the next one in. Rejects with the signal's reason. */
  async enter(uid: string, image: string, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const pod = this.#pods.get(uid);
    if (!pod) this.#pods.set(uid, { image, holders: 1, waiting: [] });
    else if (pod.image === image) pod.holders += 1;
    else await this.#wait(pod, image, signal);
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (!left) this.#leave(uid);
        left = true;
      },
    };
  }

  #wait(pod: PodState, image: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        pod.waiting.splice(pod.waiting.indexOf(place), 1);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const place = { image, enter };
      signal.addEventListener("abort", onAbort, { once: true });
      pod.waiting.push(place);
    });
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
    for (const { enter } of together) enter();
  }
}
