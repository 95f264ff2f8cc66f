/** What a write's headers say about it. Every write of ours names itself and the message it stands on. */
export interface WriteTrace {
  readonly writeId: string;
  /** The sequence of the subject's last message that the write expected; 0 for none. */
  readonly expected: number;
}

/**
 * Decides whether a write landed, from the first message of its subject after the sequence it expected. The server
 * accepts one message per (subject, expected sequence), so whoever stands there on that sequence is the winner.
 */
export function decideOutcome(
  write: WriteTrace,
  found: Partial<WriteTrace> | undefined,
): "landed" | "lost" | "unknown" {
  if (found?.writeId === write.writeId) return "landed";
  if (found?.expected === write.expected) return "lost";
  // The winner itself has been removed (superseded more often than history keeps), or was not written by a store.
  return "unknown";
}
