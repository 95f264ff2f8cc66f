/** What a registry is asked with; the fields of CRI's AuthConfig that are in use. Held in memory only and never logged. */
export interface RegistryCredential {
  readonly username: string;
  readonly password: string;
  /** Exchanged for an access token at the registry's token service. */
  readonly identityToken?: string;
  /** Sent to the registry as it is. */
  readonly registryToken?: string;
  readonly source: CredentialSource;
}

/** Where a credential comes from: all that may be told of it. Rule: pkg/credentialprovider, CredentialSource. */
export type CredentialSource =
  /** A file on the node, or a credential provider plugin: for every pod of the node. */
  | { readonly kind: "node"; readonly name: string }
  /** A Secret that the pod names in its imagePullSecrets. */
  | { readonly kind: "secret"; readonly namespace: string; readonly name: string; readonly uid: string };

/** Whoever may know credentials for an image. A source that fails says so in the log and knows none: others may. */
export interface CredentialProvider {
  /** `repository`: "registry.example:5000/team/app", without tag and digest. Most specific first. */
  credentialsFor(repository: string): Promise<readonly RegistryCredential[]>;
}
