import { type Code, codes, PodbusError } from "@podbus/errors";

/** gRPC's numbers are the positions in `codes`, one-based; 0 is OK. */
export function codeOf(grpcStatus: number): Code {
  return codes[grpcStatus - 1] ?? "UNKNOWN";
}

interface GrpcFailure {
  readonly code: number;
  readonly details: string;
}

function isGrpcFailure(thrown: unknown): thrown is GrpcFailure {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "number" && "details" in thrown;
}

/** The runtime's failure with its own message; `method` is named where the runtime could not be reached. */
export function fromGrpc(method: string, thrown: unknown): PodbusError {
  if (thrown instanceof PodbusError) return thrown;
  if (!isGrpcFailure(thrown)) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new PodbusError({ code: "INTERNAL", message: `${method}: ${message}`, cause: thrown });
  }
  const code = codeOf(thrown.code);
  const message = code === "UNAVAILABLE" ? `container runtime: ${method}: ${thrown.details}` : thrown.details;
  return new PodbusError({ code, message, cause: thrown });
}
