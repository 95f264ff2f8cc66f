/** What one character of the text must be; "*" is any number of any. */
type Part = "*" | ((character: string) => boolean);

/**
 * Go's path.Match within one part of a path: *, ?, [classes], and \ before what is meant as it is. A malformed glob matches
 * nothing. Patterns come from users' Secrets: the time is at most that of the two lengths multiplied, which a regular
 * expression made of them would not be.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const parts = parseGlob(glob);
  return parts !== undefined && matchesParts(parts, [...text]);
}

/** Where the rest does not match, only the last star can help by taking one character more. */
function matchesParts(parts: readonly Part[], text: readonly string[]): boolean {
  let part = 0;
  let star = -1;
  let starTook = 0;
  for (let at = 0; at < text.length; ) {
    const wanted = parts[part];
    if (wanted === "*") {
      star = part++;
      starTook = at;
    } else if (wanted?.(text[at] ?? "")) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++starTook;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === "*");
}

/** A star; any character; a class; an escaped character; one that stands for itself. */
const globPart = /(\*)|(\?)|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^[\\])/suy;

function parseGlob(glob: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  globPart.lastIndex = 0;
  for (let at = 0; at < glob.length; at = globPart.lastIndex) {
    const [, star, any, not, ranges, escaped, itself] = globPart.exec(glob) ?? [];
    const part = star ? "*" : any ? () => true : ranges ? parseClass(ranges, not === "^") : exactly(escaped ?? itself);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

const exactly = (wanted: string | undefined) =>
  wanted === undefined ? undefined : (character: string) => character === wanted;

/** "a-z0-9_". */
const classRange = /(?:\\(.)|([^\\-]))(?:-(?:\\(.)|([^\\-])))?/suy;

function parseClass(text: string, negated: boolean): Part | undefined {
  const ranges: (readonly [string, string])[] = [];
  classRange.lastIndex = 0;
  for (let at = 0; at < text.length; at = classRange.lastIndex) {
    const [, escapedLow, low = escapedLow, escapedHigh, high = escapedHigh ?? low] = classRange.exec(text) ?? [];
    if (low === undefined || high === undefined) return undefined;
    ranges.push([low, high]);
  }
  return (character) => ranges.some(([low, high]) => low <= character && character <= high) !== negated;
}
