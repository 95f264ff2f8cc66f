import { randomUUID } from "node:crypto";
import type { ExecResponse } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { statusBadRequest, statusFromError } from "@podbus/kube";
import {
  channels,
  type ExecInput,
  type ExecProtocol,
  exitStatus,
  frame,
  parseExecInput,
} from "../domain/exec-channels.ts";
import { type ExecOptions, parseExecOptions } from "../domain/exec-options.ts";
import { inputPieceBytes, piecesOf } from "../domain/pieces-of.ts";
import type { ResourceCall } from "../http/api-request.ts";
import type { GatewayPorts } from "../ports.ts";
import { findPodContainer, type PodContainer } from "./find-pod-container.ts";

/** The client's end of a session: a WebSocket, seen as messages. */
export interface ExecChannel {
  readonly protocol: ExecProtocol;
  /** Resolves when the message may be followed by another one. */
  send(message: Uint8Array): Promise<void>;
  onMessage(listener: (message: Uint8Array) => void): void;
  /** Stops and resumes reading from the client. */
  pause(): void;
  resume(): void;
  close(): void;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export interface ExecTarget extends PodContainer {
  readonly options: ExecOptions;
  /** To the container's own process. */
  readonly attach: boolean;
}

/** Everything that can be refused before the connection is upgraded. */
export async function findExecTarget(ports: GatewayPorts, call: ResourceCall): Promise<ExecTarget> {
  const attach = call.info.subresource === "attach";
  const parsed = parseExecOptions(call.query, attach ? "attach" : "exec");
  if (parsed.kind === "refuse") throw statusBadRequest(parsed.message);
  const target = await findPodContainer(ports, call, parsed.options.container);
  if (target.node === "") throw statusBadRequest(`pod ${target.ref.name} does not have a host assigned`);
  if (target.pod.status?.phase === "Succeeded" || target.pod.status?.phase === "Failed") {
    throw statusBadRequest(
      `cannot ${attach ? "attach" : "exec into"} a container in a completed pod; current phase is ${target.pod.status.phase}`,
    );
  }
  return { ...target, options: parsed.options, attach };
}

/** Runs the command on the pod's node, or attaches, and carries the streams; ends with the exit status on the error channel. */
export async function execInPod(ports: GatewayPorts, target: ExecTarget, channel: ExecChannel): Promise<void> {
  const { options, node, ref, container, attach } = target;
  const sessionId = randomUUID();
  const client = ports.podLifecycle(node);
  const leaving = new AbortController();
  const input = new InputSender({
    channel,
    // A command may let its input wait for as long as it likes: only the session's end is one for the call.
    send: (sequence, piece) =>
      client.sendExecInput(
        { sessionId, sequence, input: piece },
        { timeoutMs: Number.POSITIVE_INFINITY, signal: leaving.signal },
      ),
    onFailed: (error) => leaving.abort(error),
  });
  const { command, stdin, stdout, stderr, tty } = options;
  const streams = { stdin, stdout, stderr, tty };
  const request = { pod: ref, containerName: container, command: [...command], ...streams, attach, sessionId };
  channel.onMessage((message) => input.take(parseExecInput(channel.protocol, message)));
  try {
    for await (const response of client.exec(request, { signal: AbortSignal.any([channel.signal, leaving.signal]) })) {
      if (response.output.case === "started") input.open();
      else await forward(channel, response);
    }
  } catch (error) {
    await sendFailure(ports, channel, leaving.signal.aborted ? leaving.signal.reason : error);
  } finally {
    leaving.abort();
    channel.close();
  }
}

async function forward(channel: ExecChannel, { output }: ExecResponse): Promise<void> {
  switch (output.case) {
    case "stdout":
      return channel.send(frame(channels.stdout, output.value));
    case "stderr":
      return channel.send(frame(channels.stderr, output.value));
    case "ended":
      return channel.send(frame(channels.error, encode(exitStatus(output.value.exitCode, output.value.error))));
  }
}

async function sendFailure(ports: GatewayPorts, channel: ExecChannel, error: unknown): Promise<void> {
  if (channel.signal.aborted) return;
  if (!(error instanceof PodbusError)) ports.log.error({ err: error }, "an exec session failed");
  await channel.send(frame(channels.error, encode(statusFromError(error))));
}

function encode(status: object): Uint8Array {
  return Buffer.from(JSON.stringify(status));
}

type Piece =
  | { readonly case: "stdin"; readonly value: Uint8Array }
  | { readonly case: "resize"; readonly value: { width: number; height: number } }
  | { readonly case: "end"; readonly value: object };

/** While this much waits for the node, nothing more is read from the client. */
const mostWaitingBytes = 256 * 1024;

interface InputSenderInit {
  readonly channel: Pick<ExecChannel, "pause" | "resume">;
  /** Resolves when the node has taken the piece. */
  send(sequence: bigint, piece: Piece): Promise<unknown>;
  /** Input is lost although the session goes on. */
  onFailed(error: unknown): void;
}

/** Sends pieces of input one after another, numbered from 1, once the node has the session. */
class InputSender {
  readonly #init: InputSenderInit;
  readonly #waiting: Piece[] = [];
  #waitingBytes = 0;
  #sequence = 0n;
  #state: "closed" | "idle" | "sending" | "ended" = "closed";

  constructor(init: InputSenderInit) {
    this.#init = init;
  }

  open(): void {
    if (this.#state === "closed") void this.#sendAll();
  }

  take(input: ExecInput): void {
    // What comes after the end is read, so that the end of the connection is seen.
    if (input.kind === "ignored" || this.#state === "ended") return;
    for (const piece of piecesOfInput(input)) {
      this.#waiting.push(piece);
      this.#waitingBytes += sizeOf(piece);
    }
    if (this.#waitingBytes > mostWaitingBytes) this.#init.channel.pause();
    if (this.#state === "idle") void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    const { channel, send } = this.#init;
    this.#state = "sending";
    try {
      for (let piece = this.#next(); piece; piece = this.#next()) {
        await send(++this.#sequence, piece);
        this.#waitingBytes -= sizeOf(piece);
        if (this.#waitingBytes <= mostWaitingBytes) channel.resume();
      }
      this.#state = "idle";
    } catch (error) {
      this.#end(error);
    }
  }

  /** What has come while another piece was under way goes together: each costs a way there and back. */
  #next(): Piece | undefined {
    const first = this.#waiting.shift();
    if (first?.case !== "stdin") return first;
    const parts = [first.value];
    let bytes = first.value.length;
    for (let [next] = this.#waiting; next?.case === "stdin"; [next] = this.#waiting) {
      bytes += next.value.length;
      if (bytes > inputPieceBytes) break;
      parts.push(next.value);
      this.#waiting.shift();
    }
    return { case: "stdin", value: parts.length === 1 ? first.value : Buffer.concat(parts) };
  }

  #end(error: unknown): void {
    this.#state = "ended";
    this.#waiting.length = 0;
    this.#init.channel.resume();
    // The command has ended before it read its input: its exit code tells the user.
    if (!(error instanceof PodbusError && error.code === "NOT_FOUND")) this.#init.onFailed(error);
  }
}

function sizeOf(piece: Piece): number {
  return piece.case === "stdin" ? piece.value.length : 0;
}

/** A client's message may be larger than the bus carries. */
function* piecesOfInput(input: Exclude<ExecInput, { kind: "ignored" }>): Generator<Piece> {
  switch (input.kind) {
    case "stdin":
      for (const value of piecesOf(input.data, inputPieceBytes)) yield { case: "stdin", value };
      return;
    case "resize":
      return yield { case: "resize", value: { width: input.width, height: input.height } };
    case "end":
      return yield { case: "end", value: {} };
  }
}
