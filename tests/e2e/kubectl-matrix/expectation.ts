/**
 * Text that a step expects. Between braces stands what differs from run to run: `{age}` ("12s", "3m4s"), `{uid}`, `{ip}`,
 * `{number}`, `{word}` (no white space) and `{...}` (the rest of the line, or any part of it). Columns may be as wide as they like.
 */
export function expectationOf(text: string): RegExp {
  const pattern = normalize(text)
    .split(/(\{[a-z.]+\})/)
    .map((part) => placeholders[part] ?? literal(part))
    .join("");
  return new RegExp(`^${pattern}$`);
}

/** Runs of spaces count as one, ends of lines and of the text as none: what is left is what a person reads. */
export function normalize(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/[ \t]+/g, " ").trimEnd())
    .join("\n")
    .trimEnd();
}

const placeholders: Readonly<Record<string, string>> = {
  "{age}": "\\d+[smhdy](?:\\d+[smhd])?",
  "{uid}": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
  "{ip}": "\\d+\\.\\d+\\.\\d+\\.\\d+",
  "{number}": "\\d+",
  "{word}": "\\S+",
  "{...}": ".*",
};

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
