import { readFile } from "node:fs/promises";
import { PodbusError } from "@podbus/errors";
import type { ApiGatewayConfig } from "../config.ts";

export interface TlsFiles {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly clientAuthorityPem: string;
}

export async function readTlsFiles(config: ApiGatewayConfig): Promise<TlsFiles> {
  const [certificatePem, keyPem, clientAuthorityPem] = await Promise.all([
    readConfiguredFile("PODBUS_API_TLS_CERT", config.certificateFile),
    readConfiguredFile("PODBUS_API_TLS_KEY", config.keyFile),
    readConfiguredFile("PODBUS_API_CLIENT_CA", config.clientAuthorityFile),
  ]);
  return { certificatePem, keyPem, clientAuthorityPem };
}

export async function readConfiguredFile(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new PodbusError({
      code: "FAILED_PRECONDITION",
      message: `${variable}: cannot read ${path}: ${why}`,
      cause: error,
    });
  }
}
