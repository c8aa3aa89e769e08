import { describe, expect, it } from "vitest";
import { askIamport, askNaver, askToss, seen, startFrozen } from "../clients.test-support.ts";
import type { Emulator } from "../emulator.ts";
import { BCRYPT_SALT } from "../naver/options.ts";

const ask = { toss: askToss, naver: askNaver, iamport: askIamport };

/** The same emulator for a client that still has these credentials. */
const withCredentialsOf = (emulator: Emulator, addresses: ReturnType<typeof credentialsOf>): Emulator => ({
  ...emulator,
  ...addresses,
});

const credentialsOf = ({ toss, naver, iamport }: Emulator) => ({
  toss: { ...toss, credentials: toss.credentials },
  naver: { ...naver, credentials: naver.credentials },
  iamport: { ...iamport, credentials: iamport.credentials },
});

describe.each(["toss", "naver", "iamport"] as const)("a rotated secret of %s", (provider) => {
  it("is accepted at once, and the earlier one is not", async () => {
    await using emulator = await startFrozen();
    const old = withCredentialsOf(emulator, credentialsOf(emulator));
    const secret = emulator.rotateSecret(provider);
    expect(Object.values(emulator[provider].credentials)).toContain(secret);
    expect(JSON.stringify(emulator[provider].options)).toContain(secret);
    expect((await ask[provider](old)).status).toBeGreaterThanOrEqual(400);
    expect((await ask[provider](emulator)).status).toBe(200);
  });

  it("lives beside the earlier one for the overlap", async () => {
    await using emulator = await startFrozen();
    const old = withCredentialsOf(emulator, credentialsOf(emulator));
    emulator.rotateSecret(provider, { overlapMs: 60_000 });
    emulator.clock.advance(59_999);
    expect([(await ask[provider](old)).status, (await ask[provider](emulator)).status]).toEqual([200, 200]);
    emulator.clock.advance(1);
    expect((await ask[provider](old)).status).toBeGreaterThanOrEqual(400);
    expect((await ask[provider](emulator)).status).toBe(200);
  });

  it("is forgotten by a reset", async () => {
    await using emulator = await startFrozen();
    const before = emulator[provider].credentials;
    emulator.rotateSecret(provider);
    expect(emulator[provider].credentials).not.toEqual(before);
    emulator.reset();
    expect(emulator[provider].credentials).toEqual(before);
    expect((await ask[provider](emulator)).status).toBe(200);
  });

  it("is made by a control route too", async () => {
    await using emulator = await startFrozen();
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ provider, overlapMs: 5 });
    const url = `${emulator.origin}/_emulator/rotate-secret`;
    const answer = await seen<{ secret: string }>(fetch(url, { method: "POST", headers, body }));
    expect(Object.values(emulator[provider].credentials)).toContain(answer.body.secret);
  });
});

it("a rotation leaves the other credentials alone", async () => {
  const other = { accessKey: "other", secretKey: "other-secret" };
  await using emulator = await startFrozen({ toss: { sellers: [{ accessKey: "a", secretKey: "b" }, other] } });
  emulator.rotateSecret("toss");
  const request = { client_id: other.accessKey, client_secret: other.secretKey };
  expect((await askToss(emulator, request)).status).toBe(200);
});

it("a rotation is refused where any credentials are accepted, or with a wrong overlap", async () => {
  await using emulator = await startFrozen({ iamport: { accounts: "any" } });
  expect(() => emulator.rotateSecret("iamport")).toThrow("accepts no credentials");
  expect(() => emulator.rotateSecret("toss", { overlapMs: -1 })).toThrow("rotateSecret.overlapMs");
  expect(() => emulator.rotateSecret("toss", { overlap: 1 } as object)).toThrow("rotateSecret.overlap");
});

it("a rotated secret of Naver has the form of Naver's secrets", async () => {
  await using emulator = await startFrozen();
  const secrets = Array.from({ length: 20 }, () => emulator.rotateSecret("naver"));
  expect(secrets.every((secret) => BCRYPT_SALT.test(secret))).toBe(true);
  expect(new Set(secrets).size).toBe(20);
});
