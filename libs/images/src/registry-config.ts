export interface RegistryConfig {
  readonly dir: string;
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Users may be required to log in. */
  readonly htpasswdFile?: string;
  /** Both in PEM. Default: plain http. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
}

/** Configuration for Debian's docker-registry: blobs below `dir`. It is YAML, and so is this JSON. */
export function renderRegistryConfig(config: RegistryConfig): string {
  const { dir, port, address = "127.0.0.1", htpasswdFile, tls } = config;
  return JSON.stringify(
    {
      version: 0.1,
      log: { level: "warn", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: dir }, delete: { enabled: true } },
      http: {
        addr: `${address}:${port}`,
        secret: "one instance needs no shared secret",
        ...(tls ? { tls: { certificate: tls.certificateFile, key: tls.keyFile } } : {}),
      },
      ...(htpasswdFile ? { auth: { htpasswd: { realm: "podbus", path: htpasswdFile } } } : {}),
    },
    null,
    2,
  );
}
