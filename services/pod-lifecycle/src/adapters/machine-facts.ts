import { readdir, readFile, statfs } from "node:fs/promises";
import { arch, cpus, hostname, release, totalmem } from "node:os";
import { quantityOf } from "@podbus/kube";
import { machineAddress } from "@podbus/service";
import type { MachineFacts } from "../domain/node-object.ts";

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** What this machine is; `nodeIp` replaces what would be found. */
export async function readMachineFacts(stateDir: string, nodeIp: string | undefined): Promise<MachineFacts> {
  const [hugePages, disk, osRelease, machineId, systemUuid, bootId, ip, appArmor] = await Promise.all([
    readHugePages(),
    statfs(stateDir),
    text("/etc/os-release"),
    text("/etc/machine-id"),
    text("/sys/class/dmi/id/product_uuid"),
    text("/proc/sys/kernel/random/boot_id"),
    nodeIp ?? machineAddress(),
    text("/sys/module/apparmor/parameters/enabled"),
  ]);
  return {
    hostname: hostname(),
    ips: [ip ?? "127.0.0.1"],
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
