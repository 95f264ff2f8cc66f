/** Where commands write: results to `out`, progress to `note`. */
export interface Terminal {
  out(text: string): void;
  note(text: string): void;
  /** Columns, for layouts. */
  readonly width: number;
  readonly color: boolean;
}

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  width: process.stdout.columns ?? 100,
  color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
};
