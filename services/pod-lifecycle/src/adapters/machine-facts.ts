import { readdir, readFile, statfs } from "node:fs/promises";
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from "node:os";
import { quantityOf } from "@podbus/kube";
import type { MachineFacts } from "../domain/node-object.ts";

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** What this machine is; `nodeIp` replaces what would be found. */
export async function readMachineFacts(stateDir: string, nodeIp: string | undefined): Promise<MachineFacts> {
  const [hugePages, disk, osRelease, machineId, systemUuid, bootId, route, appArmor] = await Promise.all([
    readHugePages(),
    statfs(stateDir),
    text("/etc/os-release"),
    text("/etc/machine-id"),
    text("/sys/class/dmi/id/product_uuid"),
    text("/proc/sys/kernel/random/boot_id"),
    text("/proc/net/route"),
    text("/sys/module/apparmor/parameters/enabled"),
  ]);
  return {
    hostname: hostname(),
    ips: nodeIp ? [nodeIp] : nodeIps(defaultInterface(route)),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    ephemeralBytes: disk.blocks * disk.bsize,
    hugePages,
    arch: architectures[arch()] ?? arch(),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? "Linux",
    machineId: machineId.trim(),
    systemUuid: systemUuid.trim(),
    bootId: bootId.trim(),
    appArmor: appArmor.startsWith("Y"),
  };
}

/** Absent files are normal in containers and virtual machines. */
const text = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

const hugePagesDirectory = "/sys/kernel/mm/hugepages";

/** "hugepages-2048kB/nr_hugepages": bytes by "2Mi", for every size that the kernel knows. */
async function readHugePages(): Promise<Record<string, number>> {
  const names = await readdir(hugePagesDirectory).catch(() => []);
  const sizes = names.flatMap((name) => {
    const kibibytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0);
    return kibibytes > 0 ? [{ name, bytes: kibibytes * 1024 }] : [];
  });
  const read = sizes.map(async ({ name, bytes }) => {
    const count = Number(await text(`${hugePagesDirectory}/${name}/nr_hugepages`));
    return [quantityOf(bytes, "BinarySI"), count * bytes] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** The interface of the default route: destination 00000000 in /proc/net/route. */
function defaultInterface(route: string): string | undefined {
  const rows = route.split("\n").map((line) => line.split("\t"));
  return rows.find((row) => row[1] === "00000000")?.[0];
}

/** The IPv4 address that others reach this machine by, else any address that is not internal, else the loopback's. */
function nodeIps(preferred: string | undefined): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map((each) => ({ ...each, name })),
  );
  const outward = all.filter((each) => !each.internal && each.family === "IPv4");
  const found = outward.find((each) => each.name === preferred) ?? outward[0];
  return [found?.address ?? "127.0.0.1"];
}
