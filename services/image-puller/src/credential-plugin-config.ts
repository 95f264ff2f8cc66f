import { z } from "zod";

const path = z.string().regex(/^\//, "must be an absolute path");

/** The kubelet's --image-credential-provider-config and --image-credential-provider-bin-dir. */
export const credentialPluginVariables = {
  PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: path.optional(),
  PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR: path.optional(),
};

type Variables = z.output<z.ZodObject<typeof credentialPluginVariables>>;

const names = Object.keys(credentialPluginVariables) as (keyof Variables)[];

/** One is nothing without the other (cmd/kubelet/app/server.go). */
export function checkCredentialPlugins(env: Variables, context: z.core.$RefinementCtx): void {
  const [absent] = names.filter((name) => env[name] === undefined);
  if (absent === undefined || names.every((name) => env[name] === undefined)) return;
  const [given] = names.filter((name) => name !== absent);
  // Of no variable alone: it would only be said to be required.
  context.addIssue({ code: "custom", path: [], message: `${absent}: required with ${given}`, input: env });
}

export interface CredentialPluginFiles {
  readonly configFile: string;
  readonly binDir: string;
}

export function credentialPluginsOf(env: Variables): CredentialPluginFiles | undefined {
  const { PODBUS_IMAGE_CREDENTIAL_PROVIDER_CONFIG: configFile, PODBUS_IMAGE_CREDENTIAL_PROVIDER_BIN_DIR: binDir } = env;
  return configFile !== undefined && binDir !== undefined ? { configFile, binDir } : undefined;
}
