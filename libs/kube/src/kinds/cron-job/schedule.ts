// The schedules that Kubernetes takes: github.com/robfig/cron/v3 ParseStandard, whose texts these are.

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fields: readonly Bounds[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  { least: 0, most: 6, names: days },
];

const descriptors: ReadonlySet<string> = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

const every = "@every ";
/** time.ParseDuration: "1h30m", "90s", "1.5h" */
const goDuration = /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/;

/** Why a schedule is none; undefined for a good one. */
export function scheduleProblem(text: string): string | undefined {
  if (text === "") return "empty spec string";
  if (text.startsWith("@")) return descriptorProblem(text);
  const parts = text.split(/\s+/).filter((part) => part !== "");
  if (parts.length !== fields.length) {
    return `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(" ")}]`;
  }
  for (const [index, bounds] of fields.entries()) {
    for (const range of (parts[index] ?? "").split(",")) {
      const problem = rangeProblem(range, bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function descriptorProblem(text: string): string | undefined {
  if (descriptors.has(text)) return undefined;
  if (!text.startsWith(every)) return `unrecognized descriptor: ${text}`;
  const duration = text.slice(every.length);
  return goDuration.test(duration)
    ? undefined
    : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`;
}

/** number | number "-" number [ "/" number ] | "*" [ "/" number ] */
function rangeProblem(text: string, bounds: Bounds): string | undefined {
  const [range = "", step, ...tooMany] = text.split("/");
  const [low = "", high, ...more] = range.split("-");
  if (more.length > 0) return `too many hyphens: ${text}`;
  if (tooMany.length > 0) return `too many slashes: ${text}`;
  const stepSize = step === undefined ? 1 : parseNumber(step, undefined);
  if (typeof stepSize === "string") return stepSize;
  const ends = low === "*" || low === "?" ? { start: bounds.least, end: bounds.most } : endsOf(low, high, step, bounds);
  if (typeof ends === "string") return ends;
  if (ends.start < bounds.least) return `beginning of range (${ends.start}) below minimum (${bounds.least}): ${text}`;
  if (ends.end > bounds.most) return `end of range (${ends.end}) above maximum (${bounds.most}): ${text}`;
  if (ends.start > ends.end) return `beginning of range (${ends.start}) beyond end of range (${ends.end}): ${text}`;
  return stepSize === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

function endsOf(low: string, high: string | undefined, step: string | undefined, { most, names }: Bounds) {
  const start = parseNumber(low, names);
  if (typeof start === "string") return start;
  if (high === undefined) return { start, end: step === undefined ? start : most };
  const end = parseNumber(high, names);
  return typeof end === "string" ? end : { start, end };
}

/** A problem is a text. */
function parseNumber(text: string, names: readonly string[] | undefined): number | string {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return names === months ? named + 1 : named;
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  if (/^\+?\d+$/.test(text)) return Number(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
