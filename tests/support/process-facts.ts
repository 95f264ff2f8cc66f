export interface ProcessFacts {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly capabilities: bigint;
  readonly noNewPrivs: boolean;
  readonly seccomp: "none" | "filter" | undefined;
}

/** What /proc/…/status says of who a process is and what it may do. */
export function processFacts(status: string): ProcessFacts {
  const lines = status.split("\n").map((line) => line.split(":\t"));
  const fields = new Map(lines.map(([field = "", value = ""]) => [field, value.trim().split(/\s+/)]));
  const of = (field: string) => fields.get(field) ?? [];
  const modes: Readonly<Record<string, ProcessFacts["seccomp"]>> = { 0: "none", 2: "filter" };
  return {
    uid: Number(of("Uid")[0]),
    gid: Number(of("Gid")[0]),
    groups: of("Groups").filter(Boolean).map(Number),
    capabilities: BigInt(`0x${of("CapEff")[0]}`),
    noNewPrivs: of("NoNewPrivs")[0] === "1",
    seccomp: modes[of("Seccomp")[0] ?? ""],
  };
}
