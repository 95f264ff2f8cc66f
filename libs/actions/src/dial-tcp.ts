import { connect } from "node:net";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { TcpTarget } from "./check-action.ts";
import { dialFailure, exchangeFailure, joinHostPort } from "./go-text.ts";

export interface Bounds {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Resolves once the connection is open (and closes it). Throws UNAVAILABLE, DEADLINE_EXCEEDED or CANCELLED. */
export function dialTcp(target: TcpTarget, { clock, timeoutMs, signal }: Bounds): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(signal));
    const socket = connect({ host: target.host, port: target.port });
    const end = (error?: PodbusError) => {
      stopTimer();
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    const onAbort = () => end(cancelled(signal));
    const stopTimer = clock.after(timeoutMs, () => {
      const message = `dial tcp ${joinHostPort(target.host, target.port)}: i/o timeout`;
      end(new PodbusError({ code: "DEADLINE_EXCEEDED", message }));
    });
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => end());
    socket.on("error", (error) => {
      const message = dialFailure(error, target) ?? exchangeFailure(error);
      end(new PodbusError({ code: "UNAVAILABLE", message, cause: error }));
    });
  });
}

export function cancelled(signal: AbortSignal): PodbusError {
  return new PodbusError({ code: "CANCELLED", message: "context canceled", cause: signal.reason });
}
