import { once } from "node:events";
import type { Socket } from "node:net";
import type { CallContext, Implementation } from "@podbus/bus";
import type { OpenTunnelRequest, PodLifecycle, SendTunnelInputRequest, StreamUpgrade } from "@podbus/contracts";
import { connectTo, type HttpHeader, upgradeConnection } from "../adapters/open-connection.ts";
import { refuse } from "../domain/log-target.ts";
import { containerSessionUrl, runningSandbox } from "./container-session.ts";
import { InputSessions } from "./numbered-input.ts";
import type { HandlerDeps } from "./running-pod.ts";

type Handlers = Pick<Implementation<typeof PodLifecycle>, "openTunnel" | "sendTunnelInput">;

interface Connection {
  readonly socket: Socket;
  readonly headers: readonly HttpHeader[];
}

/** Connections into pods and to the runtime's streaming server, for as long as their callers listen. */
export class Tunnels {
  readonly #deps: HandlerDeps;
  readonly #sessions = new InputSessions<SendTunnelInputRequest["input"]>();

  constructor(deps: HandlerDeps) {
    this.#deps = deps;
  }

  readonly implementation: Handlers = {
    openTunnel: (request, context) => this.#open(request, context),
    sendTunnelInput: async ({ sessionId, sequence, input }) => {
      await this.#sessions.take(sessionId, sequence, input);
      return {};
    },
  };

  async *#open(request: OpenTunnelRequest, { signal }: CallContext) {
    this.#sessions.requireFree(request.sessionId);
    const { socket, headers } = await this.#connect(request, signal);
    // What breaks the connection ends its reading below; without a listener it would end the process.
    socket.on("error", () => socket.destroy());
    const leave = () => socket.destroy();
    signal.addEventListener("abort", leave, { once: true });
    const outputs = async function* () {
      yield { output: { case: "opened" as const, value: { headers: [...headers] } } };
      // A reader that takes its time holds the connection back, and so whoever writes into it.
      for await (const data of socket) yield { output: { case: "data" as const, value: data as Buffer } };
    };
    try {
      yield* this.#sessions.while(request.sessionId, (input) => write(socket, input), outputs);
    } finally {
      signal.removeEventListener("abort", leave);
      socket.destroy();
    }
  }

  async #connect({ pod, target }: OpenTunnelRequest, signal: AbortSignal): Promise<Connection> {
    if (target.case === "upgrade") {
      const url = await this.#streamUrl(pod, target.value, signal);
      return upgradeConnection(url, target.value.headers, signal);
    }
    if (target.case !== "port") return refuse("a tunnel needs a target");
    // A pod on the host's network has no address of its own.
    const [own] = pod ? runningSandbox(this.#deps, pod).ips : [];
    const address = own ?? this.#deps.services.node.hostIps[0] ?? "127.0.0.1";
    return { socket: await connectTo(address, target.value), headers: [] };
  }

  async #streamUrl(pod: OpenTunnelRequest["pod"], { session }: StreamUpgrade, signal: AbortSignal): Promise<string> {
    if (session.case === "container") return containerSessionUrl(this.#deps, pod, session.value, signal);
    if (session.case !== "portForward") return refuse("an upgrade needs a session");
    const podSandboxId = runningSandbox(this.#deps, pod).id;
    const { url } = await this.#deps.services.cri.runtime.portForward(
      { podSandboxId, port: [...session.value.ports] },
      { signal },
    );
    return url;
  }
}

/** Resolves once the connection has taken it: that is the back-pressure of the input. What it no longer takes is lost. */
async function write(socket: Socket, input: SendTunnelInputRequest["input"]): Promise<void> {
  if (!socket.writable) return;
  if (input.case === "end") socket.end();
  else if (input.case === "data" && !socket.write(input.value)) {
    await Promise.race([once(socket, "drain"), once(socket, "close")]);
  }
}
