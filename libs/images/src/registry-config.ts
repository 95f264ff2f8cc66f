export interface RegistryConfig {
  readonly dir: string;
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Users may be required to log in. */
  readonly htpasswdFile?: string;
}

/** Configuration for Debian's docker-registry: plain http, blobs below `dir`. It is YAML, and so is this JSON. */
export function renderRegistryConfig({ dir, port, address = "127.0.0.1", htpasswdFile }: RegistryConfig): string {
  return JSON.stringify(
    {
      version: 0.1,
      log: { level: "warn", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: dir }, delete: { enabled: true } },
      http: { addr: `${address}:${port}`, secret: "one instance needs no shared secret" },
      ...(htpasswdFile ? { auth: { htpasswd: { realm: "podbus", path: htpasswdFile } } } : {}),
    },
    null,
    2,
  );
}
