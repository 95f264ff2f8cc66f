/** Of a client's input to a node: small beside what one message on the bus may carry. */
export const inputPieceBytes = 256 * 1024;

/** Views of the same memory, the last one may be smaller; none of nothing. */
export function* piecesOf(bytes: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
