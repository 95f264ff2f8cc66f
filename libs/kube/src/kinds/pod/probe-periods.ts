import { z } from "zod";
import { annotations } from "../../constants.ts";
import { type FieldError, invalid } from "../../validation/field-error.ts";
import type { Container, Probe } from "./container-schema.ts";
import type { Pod } from "./schema.ts";

export type ProbeName = "livenessProbe" | "readinessProbe" | "startupProbe";

/** Shorter periods would keep a node busy with nothing else. */
const shortestMs = 100;

const period = z.int().min(shortestMs);
const periods = z.record(
  z.string(),
  z.strictObject({
    livenessProbe: period.optional(),
    readinessProbe: period.optional(),
    startupProbe: period.optional(),
  }),
);
type ProbePeriods = z.output<typeof periods>;

/**
 * How often a probe is made, in milliseconds: its `periodSeconds`, unless the pod's annotation
 * `podbus.dev/probe-period-milliseconds` says it more finely: `{"<container>": {"readinessProbe": 200}}`.
 */
export function probePeriodMs(pod: Pod, container: string, name: ProbeName, probe: Probe): number {
  const own = parse(pod)?.data?.[container]?.[name];
  return own ?? (probe.periodSeconds ?? 10) * 1000;
}

/** What is wrong with the annotation. */
export function validateProbePeriods(pod: Pod): FieldError[] {
  const parsed = parse(pod);
  if (!parsed) return [];
  const field = `metadata.annotations[${annotations.probePeriods}]`;
  const text = pod.metadata.annotations?.[annotations.probePeriods] ?? "";
  const problems = parsed.data ? unknownProbes(pod, parsed.data) : [parsed.problem];
  return problems.map((problem) => invalid(field, text, problem));
}

function unknownProbes({ spec }: Pod, all: ProbePeriods): string[] {
  const containers = new Map<string, Container>(
    [...(spec.initContainers ?? []), ...spec.containers].map((container) => [container.name, container]),
  );
  return Object.entries(all).flatMap(([name, probes]) => {
    const container = containers.get(name);
    if (!container) return [`no container ${JSON.stringify(name)}`];
    return (Object.keys(probes) as ProbeName[])
      .filter((probe) => container[probe] === undefined)
      .map((probe) => `container ${JSON.stringify(name)} has no ${probe}`);
  });
}

const form = `must be JSON like {"main":{"readinessProbe":200}}, in milliseconds, ${shortestMs} at least`;

function parse({ metadata }: Pod): { data?: ProbePeriods; problem: string } | undefined {
  const text = metadata.annotations?.[annotations.probePeriods];
  if (text === undefined) return undefined;
  try {
    return { data: periods.parse(JSON.parse(text)), problem: "" };
  } catch {
    return { problem: form };
  }
}
