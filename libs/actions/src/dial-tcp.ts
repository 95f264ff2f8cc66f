import { connect } from "node:net";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { TcpTarget } from "./check-action.ts";
import { dialFailure, exchangeFailure, joinHostPort } from "./go-text.ts";
import { isMetadataAddress, lookupOutside, metadataRefusal } from "./metadata-addresses.ts";

export interface Bounds {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Where requests and connections may go. */
export interface Reach {
  /** Whether link-local and metadata addresses may be asked. Default: refused. */
  readonly metadata?: "allowed" | "refused";
}

/** Resolves once the connection is open (and closes it). Throws UNAVAILABLE, DEADLINE_EXCEEDED or CANCELLED. */
export function dialTcp(target: TcpTarget, { clock, timeoutMs, signal, metadata }: Bounds & Reach): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(signal));
    const { host, port } = target;
    if (metadata !== "allowed" && isMetadataAddress(host)) {
      return reject(new PodbusError({ code: "UNAVAILABLE", message: metadataRefusal(host) }));
    }
    const socket = connect({ host, port, ...(metadata === "allowed" ? {} : { lookup: lookupOutside }) });
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
