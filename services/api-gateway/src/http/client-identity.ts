import type { TLSSocket } from "node:tls";
import type { Identity } from "../access/authenticator.ts";
import { authenticated, extraKeys } from "../domain/user.ts";
import type { HttpRequest } from "./read-body.ts";

/**
 * The user that a connection's client certificate names: CN is the user, each O a group
 * (apiserver/pkg/authentication/request/x509/x509.go). Kept per connection, because reading a certificate is not free.
 */
export class ClientIdentities {
  readonly #known = new WeakMap<object, Identity>();

  of(request: HttpRequest): Identity {
    const connection = "stream" in request ? request.stream.session : request.socket;
    const socket = connection && "socket" in connection ? connection.socket : connection;
    if (!connection || !socket) return { kind: "anonymous" };
    const known = this.#known.get(connection);
    if (known) return known;
    const identity = identify(socket as TLSSocket);
    this.#known.set(connection, identity);
    return identity;
  }
}

function identify(socket: TLSSocket): Identity {
  const certificate = socket.getPeerCertificate();
  if (!certificate?.subject) return { kind: "anonymous" };
  if (!socket.authorized) return { kind: "untrusted" };
  const name = firstOf(certificate.subject.CN);
  if (name === undefined) return { kind: "untrusted" };
  const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  const extra = { [extraKeys.credentialId]: [`X509SHA256=${fingerprint}`] };
  return { kind: "user", user: authenticated({ name, groups: allOf(certificate.subject.O), extra }) };
}

function allOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return allOf(value)[0];
}
