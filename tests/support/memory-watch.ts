import { existsSync } from "node:fs";
import { layoutOf } from "podbus";
import { childNamed, usageOf } from "../bench/process-usage.ts";
import { processesOf } from "./processes.ts";

/** Resident memory of all processes of a podbus, sampled all along. MiB, by name. */
export class MemoryWatch implements Disposable {
  readonly #processes: ReadonlyMap<string, number>;
  readonly #before: ReadonlyMap<string, number>;
  readonly #most = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  /** Growth counts from now on. */
  constructor(podbus: { readonly pid: number; readonly options: { readonly stateDir: string } }) {
    this.#processes = watchedProcesses(podbus.pid, podbus.options.stateDir);
    this.#sample();
    this.#before = new Map(this.#most);
    this.#timer = setInterval(() => this.#sample(), 50);
  }

  /** How much each has grown at most. */
  mostGrown(): Record<string, number> {
    this.#sample();
    const grown = (name: string) => Math.round((this.#most.get(name) ?? 0) - (this.#before.get(name) ?? 0));
    return Object.fromEntries([...this.#processes.keys()].map((name) => [name, grown(name)]));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    for (const [name, pid] of this.#processes) {
      const most = this.#most.get(name) ?? 0;
      this.#most.set(name, Math.max(most, name.startsWith("shim") ? rssOfShim(pid) : usageOf(pid).rssMib));
    }
  }
}

/** It ends with its pod; a process that has ended has no memory. */
function rssOfShim(pid: number): number {
  return existsSync(`/proc/${pid}/status`) ? usageOf(pid).rssMib || 0 : 0;
}

/** All services are one process; what a container's streams pass through besides it are its own children and the shims. */
function watchedProcesses(podbus: number, stateDir: string): ReadonlyMap<string, number> {
  const { containerdSocket } = layoutOf(stateDir);
  const shims = processesOf("containerd-shim", containerdSocket);
  return new Map([
    ["podbus", podbus],
    ["nats-server", childNamed(podbus, "nats-server")],
    ["containerd", childNamed(podbus, "containerd")],
    ...shims.map(({ pid }, index): [string, number] => [`shim ${index}`, pid]),
  ]);
}
