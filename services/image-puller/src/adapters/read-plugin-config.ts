import { readFileSync } from "node:fs";
import { ConfigError } from "@podbus/service";
import { parse } from "yaml";
import { type CredentialPlugin, credentialProviderConfig } from "../domain/credential-plugins/plugin-config.ts";

/** CredentialProviderConfig in a file, YAML or JSON. Throws ConfigError with one line per mistake. */
export function readPluginConfig(path: string): readonly CredentialPlugin[] {
  const fail = (problem: string) =>
    new ConfigError(`image-puller: PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: ${path}: ${problem}`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fail(`cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw fail(`not YAML: ${(error as Error).message.split("\n", 1)[0]}`);
  }
  const result = credentialProviderConfig.safeParse(value);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => fail(`${issue.path.join(".")}: ${issue.message}`).message).join("\n"),
  );
}
