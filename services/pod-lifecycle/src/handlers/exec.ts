import type { CallContext, Implementation } from "@podbus/bus";
import type { ExecRequest, PodLifecycle, SendExecInputRequest } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { ExecSession } from "../adapters/exec-output.ts";
import { SpdyExec } from "../adapters/exec-spdy.ts";
import { WebSocketExec } from "../adapters/exec-websocket.ts";
import { refuse, requireContainer } from "../domain/log-target.ts";
import { runsOf } from "../domain/observed-pod.ts";
import { type HandlerDeps, requirePod } from "./running-pod.ts";

type Handlers = Pick<Implementation<typeof PodLifecycle>, "exec" | "sendExecInput">;

interface Session {
  readonly stream: ExecSession;
  /** The last piece of input that was taken. */
  sequence: bigint;
  /** Pieces are taken one after the other. */
  taking: Promise<void>;
}

/** Commands that run in containers for as long as their callers listen. */
export class ExecSessions {
  readonly #deps: HandlerDeps;
  readonly #sessions = new Map<string, Session>();

  constructor(deps: HandlerDeps) {
    this.#deps = deps;
  }

  readonly implementation: Handlers = {
    exec: (request, context) => this.#exec(request, context),
    sendExecInput: async (request) => {
      await this.#takeInput(request);
      return {};
    },
  };

  async *#exec(request: ExecRequest, { signal }: CallContext) {
    const containerId = this.#runningContainer(request);
    const { command, tty, stdin, stdout, stderr, sessionId } = request;
    if (this.#sessions.has(sessionId)) {
      throw new PodbusError({ code: "ALREADY_EXISTS", message: `session ${sessionId} is open already` });
    }
    // A terminal has one output.
    const streams = { tty, stdin, stdout, stderr: stderr && !tty };
    const { url } = await this.#deps.services.cri.runtime.exec({ containerId, cmd: command, ...streams }, { signal });
    await using stream = await openSession(url, streams, signal);
    this.#sessions.set(sessionId, { stream, sequence: 0n, taking: Promise.resolve() });
    try {
      yield { output: { case: "started" as const, value: {} } };
      for await (const output of stream.output()) yield { output };
    } finally {
      this.#sessions.delete(sessionId);
    }
  }

  #runningContainer({ pod: ref, containerName: name }: ExecRequest): string {
    const worker = requirePod(this.#deps, ref);
    requireContainer(worker.pod, name);
    const [run] = runsOf(this.#deps.services.runtime.observed(worker.ref.uid), name);
    if (run?.state === "running") return run.id;
    // kubelet: pkg/kubelet/server, "container not found".
    return refuse(`container not found ("${name}")`);
  }

  /** A piece that was taken already is answered again and not written again. */
  #takeInput(request: SendExecInputRequest): Promise<void> {
    const session = this.#sessions.get(request.sessionId);
    if (!session) {
      throw new PodbusError({ code: "NOT_FOUND", message: `no session ${request.sessionId}` });
    }
    const taken = session.taking.then(() => takeOnce(session, request));
    // A failed piece must not fail the next one.
    session.taking = taken.catch(() => {});
    return taken;
  }
}

interface ExecStreams {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** WebSocket, unless the command must be able to hear the end of its input. */
async function openSession(url: string, streams: ExecStreams, signal: AbortSignal): Promise<ExecSession> {
  const spdy = streams.stdin && !streams.tty ? await SpdyExec.open(url, streams, signal) : undefined;
  return spdy ?? WebSocketExec.open(url, signal);
}

async function takeOnce(session: Session, { sequence, input }: SendExecInputRequest): Promise<void> {
  if (sequence <= session.sequence) return;
  if (sequence !== session.sequence + 1n) {
    const message = `input ${sequence} came before ${session.sequence + 1n}`;
    throw new PodbusError({ code: "OUT_OF_RANGE", message, retryable: true });
  }
  session.sequence = sequence;
  if (input.case === "stdin") await session.stream.write(input.value);
  else if (input.case === "resize") await session.stream.resize(input.value.width, input.value.height);
  else if (input.case === "end") await session.stream.endInput();
}
