/** What a docker configuration holds for one place. */
export interface DockerCredential {
  readonly username: string;
  readonly password: string;
  readonly identityToken?: string;
}

export interface DockerConfig {
  /** By place, as written. */
  readonly entries: ReadonlyMap<string, DockerCredential>;
  /** Places whose entry is no credential. What is wrong is not told: it would quote the credential. */
  readonly unusable: readonly string[];
}

/** "config.json" and Secrets of type dockerconfigjson. Undefined for what is none. */
export function parseDockerConfigJson(text: string): DockerConfig | undefined {
  const value = parseObject(text);
  return isRecord(value?.auths) ? entriesOf(value.auths) : undefined;
}

/** ".dockercfg" and Secrets of type dockercfg: the places without anything around them. */
export function parseDockercfg(text: string): DockerConfig | undefined {
  const value = parseObject(text);
  return value && entriesOf(value);
}

function entriesOf(auths: Record<string, unknown>): DockerConfig {
  const entries = new Map<string, DockerCredential>();
  const unusable: string[] = [];
  for (const [place, entry] of Object.entries(auths)) {
    const credential = isRecord(entry) ? credentialOf(entry) : undefined;
    if (credential) entries.set(place, credential);
    else unusable.push(place);
  }
  return { entries, unusable };
}

/** pkg/credentialprovider/config.go: "auth" is base64 of "user:password" and goes before the two fields. */
function credentialOf({ auth, username, password, identitytoken }: Record<string, unknown>) {
  const token = isText(identitytoken) && identitytoken !== "" ? { identityToken: identitytoken } : {};
  if (isText(auth) && auth !== "") {
    const decoded = Buffer.from(auth, "base64").toString("utf8");
    const colon = decoded.indexOf(":");
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth) || colon < 0) return undefined;
    // The zero bytes are docker's own: it pads the password.
    const secret = decoded.slice(colon + 1).replace(/\0+$/, "");
    return { username: decoded.slice(0, colon), password: secret, ...token };
  }
  if (!isText(username ?? "") || !isText(password ?? "")) return undefined;
  return { username: (username ?? "") as string, password: (password ?? "") as string, ...token };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // The parser's message would quote the credential; the caller says that the file is unusable.
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
