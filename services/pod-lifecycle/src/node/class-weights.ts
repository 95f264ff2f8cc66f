import type { Pod } from "@podbus/kube";
import type { PodCgroups } from "../ports.ts";

/** Keeps the cgroups of the classes in line with the pods that run here. What changes at once is weighed once. */
export class ClassWeights {
  readonly #cgroups: PodCgroups;
  readonly #running: () => readonly Pod[];
  #due = false;
  #last = Promise.resolve();

  constructor(cgroups: PodCgroups, running: () => readonly Pod[]) {
    this.#cgroups = cgroups;
    this.#running = running;
  }

  /** A pod has come, has ended or is gone. */
  changed(): void {
    if (this.#due) return;
    this.#due = true;
    this.#last = this.#last.then(() => {
      this.#due = false;
      return this.#cgroups.weigh(this.#running());
    });
  }
}
