import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { requireBinary } from "@podbus/binaries";
import { PodbusError } from "@podbus/errors";

const run = promisify(execFile);

/** Debian's static busybox: one file that runs in an empty root. */
export interface Busybox {
  readonly program: Buffer;
  /** "sh", "httpd", …: names that it answers to. */
  readonly applets: readonly string[];
}

let loaded: Promise<Busybox> | undefined;

/** Read once per process. */
export function loadBusybox(): Promise<Busybox> {
  loaded ??= read();
  return loaded;
}

async function read(): Promise<Busybox> {
  const path = requireBinary("busybox");
  const program = await readFile(path);
  if (isDynamic(program)) {
    throw new PodbusError({
      code: "FAILED_PRECONDITION",
      reason: "MissingBinary",
      message: `${path} is not static and cannot run in an empty image: install Debian's package busybox-static`,
    });
  }
  const { stdout } = await run(path, ["--list"]);
  return { program, applets: stdout.split("\n").filter((applet) => applet !== "" && applet !== "busybox") };
}

const programHeaderInterpreter = 3;

/** Whether a 64-bit little-endian ELF file asks for a dynamic loader (a PT_INTERP header). */
function isDynamic(elf: Buffer): boolean {
  const tableAt = Number(elf.readBigUInt64LE(32));
  const entryBytes = elf.readUInt16LE(54);
  const entries = elf.readUInt16LE(56);
  return Array.from({ length: entries }, (_, index) => elf.readUInt32LE(tableAt + index * entryBytes)).includes(
    programHeaderInterpreter,
  );
}
