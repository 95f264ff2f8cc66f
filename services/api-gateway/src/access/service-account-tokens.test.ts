import { generateKeyPairSync } from "node:crypto";
import { FakeClock } from "@podbus/clock";
import { createMemoryStore } from "@podbus/store";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { ServiceAccountTokens } from "./service-account-tokens.ts";

const issuer = "https://issuer.example";
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const pem = (key: typeof ec) => key.export({ type: "pkcs8", format: "pem" }).toString();
const account = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "bot", namespace: "default", uid: "a-1" },
};
const forApi = { audiences: [], lifetimeSeconds: 600 };

async function tokensOf(keysPem: string, clock = new FakeClock()) {
  const store = createMemoryStore({ clock });
  await store.create({ resource: "serviceaccounts", namespace: "default", name: "bot" }, account);
  return { clock, store, tokens: await ServiceAccountTokens.open({ keysPem, issuer, store, clock }) };
}

describe("tokens of service accounts", () => {
  it.each([
    ["ES256", pem(ec)],
    ["RS256", pem(rsa)],
  ])("are signed by %s, and verified", async (alg, keysPem) => {
    const { tokens } = await tokensOf(keysPem);
    const { token } = await tokens.sign({ account }, forApi);
    expect(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString())).toMatchObject({ alg });
    expect(await tokens.verify(token)).toMatchObject({
      ok: true,
      user: { name: "system:serviceaccount:default:bot", uid: "a-1" },
      audiences: [issuer],
    });
  });

  it.each([
    ["another curve", generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
    ["another kind", generateKeyPairSync("ed25519").privateKey],
  ])("are not signed by a key of %s", async (_sentence, key) => {
    await expect(tokensOf(pem(key))).rejects.toThrow(/must be RSA of at least 2048 bits, or EC on P-256/);
  });

  it("are good for a key that no longer signs, and not for one that is gone", async () => {
    const { token } = await (await tokensOf(pem(rsa))).tokens.sign({ account }, forApi);
    expect(await (await tokensOf(pem(ec) + pem(rsa))).tokens.verify(token)).toMatchObject({ ok: true });
    expect(await (await tokensOf(pem(ec))).tokens.verify(token)).toEqual({
      ok: false,
      problem: "signed with a key that is not known",
    });
  });

  it("end, even those that were good a moment ago", async () => {
    const { tokens, clock, store } = await tokensOf(pem(ec));
    const { token } = await tokens.sign({ account }, forApi);
    expect(await tokens.verify(token)).toMatchObject({ ok: true });
    await clock.step(661_000);
    expect(await tokens.verify(token)).toEqual({ ok: false, problem: "service account token has expired" });
    const { token: next } = await tokens.sign({ account }, forApi);
    expect(await tokens.verify(next)).toMatchObject({ ok: true });
    const stored = store.cache.get({ resource: "serviceaccounts", namespace: "default", name: "bot" });
    await store.delete({ resource: "serviceaccounts", namespace: "default", name: "bot" }, stored?.revision ?? 0);
    expect(await tokens.verify(next)).toMatchObject({ ok: false });
  });

  it("are for whom they are made", async () => {
    const { tokens } = await tokensOf(pem(ec));
    const { token } = await tokens.sign({ account }, { audiences: ["vault", "x"], lifetimeSeconds: 600 });
    expect(await tokens.verify(token)).toEqual({
      ok: false,
      problem: `token audiences ["vault","x"] is invalid for the target audiences ["${issuer}"]`,
    });
    expect(await tokens.verify(token, ["y", "x"])).toMatchObject({ ok: true, audiences: ["x"] });
  });

  it.each([
    ["what is no token", async () => "abc"],
    ["a token without a signature", async () => "eyJhbGciOiJub25lIn0.e30."],
    ["another issuer's", async (kid: string) => signed(kid, { iss: "https://other.example" })],
    ["one that begins later", async (kid: string) => signed(kid, { iss: issuer, nbf: 10_000_000_000 })],
    ["one of no account", async (kid: string) => signed(kid, { iss: issuer })],
  ])("%s is refused", async (_sentence, make) => {
    const { tokens } = await tokensOf(pem(ec));
    const kid = tokens.jwks().keys[0]?.kid ?? "";
    expect(await tokens.verify(await make(kid))).toMatchObject({ ok: false });
  });
});

function signed(kid: string, claims: object): Promise<string> {
  return new SignJWT({ exp: 10_000_000_000, ...claims }).setProtectedHeader({ alg: "ES256", kid }).sign(ec);
}
