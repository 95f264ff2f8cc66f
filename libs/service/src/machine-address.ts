import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";

/** The IPv4 address that others reach this machine by: the default route's, else any that is not internal; undefined without one. */
export async function machineAddress(): Promise<string | undefined> {
  const preferred = defaultInterface(await readFile("/proc/net/route", "utf8").catch(() => ""));
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map((each) => ({ ...each, name })),
  );
  const outward = all.filter((each) => !each.internal && each.family === "IPv4");
  return (outward.find((each) => each.name === preferred) ?? outward[0])?.address;
}

/** The interface of the default route: destination 00000000 in /proc/net/route. */
function defaultInterface(route: string): string | undefined {
  const rows = route.split("\n").map((line) => line.split("\t"));
  return rows.find((row) => row[1] === "00000000")?.[0];
}
