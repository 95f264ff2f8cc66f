import { createHash } from "node:crypto";
import { join } from "node:path";
import { defaultStateDir } from "../arguments.ts";

/** Where everything of one podbus instance on this machine lives. All of it follows from the state directory. */
export interface Layout {
  readonly stateDir: string;
  /** On tmpfs: sockets, Secret and ConfigMap files, containerd's run-time state. */
  readonly runDir: string;
  readonly controlSocket: string;
  readonly kubeconfig: string;
  readonly pkiDir: string;
  readonly busDir: string;
  readonly natsConfig: string;
  readonly natsDir: string;
  readonly containerdDir: string;
  readonly containerdConfig: string;
  readonly containerdSocket: string;
  /** The bridge of the pods' network. */
  readonly bridge: string;
  readonly logsDir: string;
}

/** Of the podbus that has a bridge of this name; undefined if it is none of podbus. */
export function runDirOfBridge(bridge: string): string | undefined {
  if (bridge === "podbus0") return "/run/podbus";
  return /^podbus-[0-9a-f]{8}$/.test(bridge) ? `/run/${bridge}` : undefined;
}

export function layoutOf(stateDir: string): Layout {
  // Unix socket paths end at 107 bytes, so a long state directory must not lead to a long run directory.
  const id = createHash("sha256").update(stateDir).digest("hex").slice(0, 8);
  const runDir = stateDir === defaultStateDir ? "/run/podbus" : `/run/podbus-${id}`;
  return {
    stateDir,
    runDir,
    controlSocket: join(runDir, "podbus.sock"),
    kubeconfig: join(stateDir, "kubeconfig"),
    pkiDir: join(stateDir, "pki"),
    busDir: join(stateDir, "bus"),
    natsConfig: join(stateDir, "bus", "nats.conf"),
    natsDir: join(stateDir, "nats"),
    containerdDir: join(stateDir, "containerd"),
    containerdConfig: join(stateDir, "containerd", "config.toml"),
    containerdSocket: join(runDir, "containerd", "containerd.sock"),
    bridge: stateDir === defaultStateDir ? "podbus0" : `podbus-${id}`,
    logsDir: join(stateDir, "logs"),
  };
}
