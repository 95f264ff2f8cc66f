import { parseTime } from "../decode/time.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

function pair(head: number, headUnit: string, tail: number, tailUnit: string): string {
  return tail === 0 ? `${head}${headUnit}` : `${head}${headUnit}${tail}${tailUnit}`;
}

/** An age in two or three digits: staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go HumanDuration. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / second);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(milliseconds / minute);
  if (minutes < 10) return pair(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(milliseconds / hour);
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return pair(days, "d", hours % 24, "h");
  if (days < 365 * 2) return `${days}d`;
  if (days < 365 * 8) return pair(Math.trunc(days / 365), "y", days % 365, "d");
  return `${Math.trunc(days / 365)}y`;
}

/** The age of a moment, as a table prints it. */
export function ageOf(time: string | undefined, now: number): string {
  const since = time === undefined ? undefined : parseTime(time);
  return since === undefined ? "<unknown>" : humanDuration(now - since);
}
