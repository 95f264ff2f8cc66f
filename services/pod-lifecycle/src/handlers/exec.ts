import type { CallContext, Implementation } from "@podbus/bus";
import type { ExecRequest, PodLifecycle, SendExecInputRequest } from "@podbus/contracts";
import type { ExecSession } from "../adapters/exec-output.ts";
import { SpdyExec } from "../adapters/exec-spdy.ts";
import { WebSocketExec } from "../adapters/exec-websocket.ts";
import { containerSessionUrl } from "./container-session.ts";
import { InputSessions } from "./numbered-input.ts";
import type { HandlerDeps } from "./running-pod.ts";

type Handlers = Pick<Implementation<typeof PodLifecycle>, "exec" | "sendExecInput">;

/** Commands that run in containers, and their own processes, for as long as their callers listen. */
export class ExecSessions {
  readonly #deps: HandlerDeps;
  readonly #sessions = new InputSessions<SendExecInputRequest["input"]>();

  constructor(deps: HandlerDeps) {
    this.#deps = deps;
  }

  readonly implementation: Handlers = {
    exec: (request, context) => this.#exec(request, context),
    sendExecInput: async ({ sessionId, sequence, input }) => {
      await this.#sessions.take(sessionId, sequence, input);
      return {};
    },
  };

  async *#exec(request: ExecRequest, { signal }: CallContext) {
    this.#sessions.requireFree(request.sessionId);
    const url = await containerSessionUrl(this.#deps, request.pod, request, signal);
    await using stream = await openSession(url, request, signal);
    const outputs = async function* () {
      yield { output: { case: "started" as const, value: {} } };
      for await (const output of stream.output()) yield { output };
    };
    yield* this.#sessions.while(request.sessionId, (input) => write(stream, input), outputs);
  }
}

/** WebSocket, unless the process must be able to hear the end of its input. */
async function openSession(url: string, request: ExecRequest, signal: AbortSignal): Promise<ExecSession> {
  const { stdin, stdout, stderr, tty } = request;
  const spdy = stdin && !tty ? await SpdyExec.open(url, { stdout, stderr }, signal) : undefined;
  return spdy ?? WebSocketExec.open(url, signal);
}

async function write(stream: ExecSession, input: SendExecInputRequest["input"]): Promise<void> {
  if (input.case === "stdin") await stream.write(input.value);
  else if (input.case === "resize") await stream.resize(input.value.width, input.value.height);
  else if (input.case === "end") await stream.endInput();
}
