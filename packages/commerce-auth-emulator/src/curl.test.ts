import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { naverSign, START, startFrozen } from "./clients.test-support.ts";

// The commands are those of the providers' documents, with another host and other keys.

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl) {
  if (process.env["CI"] === "true")
    throw new Error("curl is missing, and with it the proof that documented commands work");
  console.warn("curl is missing: the documented commands are not tested");
}

/** Runs curl without the machine's own proxy settings, and parses its output as JSON. */
async function curl(...args: string[]) {
  const { stdout } = await promisify(execFile)("curl", ["--silent", "--show-error", "--noproxy", "*", ...args]);
  return JSON.parse(stdout);
}

describe.skipIf(!hasCurl)("curl, as the documents show it", () => {
  it("gets a token of Toss Shopping and lists the categories", async () => {
    await using emulator = await startFrozen();
    const { tokenUrl, apiBaseUrl, credentials } = emulator.toss;
    const form =
      `grant_type=client_credentials&client_id=${credentials.accessKey}` +
      `&client_secret=${credentials.secretKey}&scope=toss-shopping-fep:write`;
    const token = await curl(
      ...["-X", "POST", tokenUrl],
      ...["-H", "Content-Type: application/x-www-form-urlencoded"],
      ...["-H", "Accept: application/json; charset=UTF-8"],
      ...["-d", form],
    );
    expect(token).toMatchObject({ scope: "toss-shopping-fep:write", token_type: "Bearer", expires_in: 3599 });
    const categories = await curl(
      ...["--location", "--request", "GET", `${apiBaseUrl}/${credentials.solutionCode}/products/categories/children`],
      ...["--header", `Authorization: Bearer ${token.access_token}`],
    );
    expect(categories.resultType).toBe("SUCCESS");
    expect(categories.success.items).toHaveLength(3);
  });

  it("gets a token of Naver by the guide's form, for a seller, with no penalty", async () => {
    await using emulator = await startFrozen({ naver: { offFormPenalty: "at-once" } });
    const { tokenUrl, apiBaseUrl, credentials } = emulator.naver;
    const timestamp = String(START - 3000);
    const token = await curl(
      ...["-X", "POST", tokenUrl],
      ...["-H", "Content-Type: application/x-www-form-urlencoded"],
      ...["-H", "Accept: application/json"],
      ...["-d", `client_id=${credentials.clientId}`],
      ...["-d", `timestamp=${timestamp}`],
      ...["-d", "grant_type=client_credentials"],
      ...["-d", `client_secret_sign=${naverSign(credentials.clientId, timestamp, credentials.clientSecret)}`],
      ...["-d", "type=SELLER"],
      ...["-d", `account_id=${credentials.accountId}`],
    );
    expect(token).toMatchObject({ expires_in: 10_800, token_type: "Bearer" });
    for (let call = 0; call < 2; call += 1) {
      const account = await curl(
        `${apiBaseUrl}/v1/seller/account`,
        "-H",
        `Authorization: Bearer ${token.access_token}`,
      );
      expect(account.accountId).toBe(credentials.accountId);
    }
  });

  it("gets a Naver token by the query string, as a blog shows it, and the penalty the next day", async () => {
    await using emulator = await startFrozen();
    const { tokenUrl, apiBaseUrl, credentials } = emulator.naver;
    // As Python's urlencode of the blog's data_: signed three seconds back, nothing in the body.
    const timestamp = String(START - 3000);
    const query = new URLSearchParams({
      client_id: credentials.clientId,
      timestamp,
      client_secret_sign: naverSign(credentials.clientId, timestamp, credentials.clientSecret),
      grant_type: "client_credentials",
      type: "SELF",
    });
    const header = ["-H", "content-type: application/x-www-form-urlencoded"];
    const ask = () => curl("-X", "POST", `${tokenUrl}?${query}`, ...header);
    const { access_token } = await ask();
    const call = (token: string) => curl(`${apiBaseUrl}/v1/seller/account`, "-H", `Authorization: Bearer ${token}`);
    expect((await call(access_token)).accountId).toMatch(/\S/);
    expect((await call(access_token)).accountId).toMatch(/\S/);

    emulator.clock.advance(24 * 3_600_000);
    const tomorrow = String(Math.floor(emulator.clock.now()) - 3000);
    query.set("timestamp", tomorrow);
    query.set("client_secret_sign", naverSign(credentials.clientId, tomorrow, credentials.clientSecret));
    const again = await ask();
    expect(again.expires_in).toBe(10_800);
    expect((await call(again.access_token)).accountId).toMatch(/\S/);
    expect((await call(again.access_token)).code).toBe("GW.QUOTA_LIMIT");
  });

  it("gets a token of iamport by JSON and reads a payment", async () => {
    await using emulator = await startFrozen();
    const { tokenUrl, apiBaseUrl, credentials } = emulator.iamport;
    const json = `{"imp_key": "${credentials.impKey}", "imp_secret":"${credentials.impSecret}"}`;
    const answer = await curl("-H", "Content-Type: application/json", "-X", "POST", "-d", json, tokenUrl);
    expect(answer.response).toMatchObject({ now: START / 1000, expired_at: START / 1000 + 1800 });
    const payment = await curl(
      ...["-H", "Content-Type: application/json"],
      ...["-H", `Authorization: Bearer ${answer.response.access_token}`],
      `${apiBaseUrl}/payments/imp_448280090638`,
    );
    expect(payment.response.imp_uid).toBe("imp_448280090638");
  });

  it("runs iamport's own example, whose stray POST is a second address", async () => {
    await using emulator = await startFrozen();
    const { tokenUrl, credentials } = emulator.iamport;
    const json = `{"imp_key": "${credentials.impKey}", "imp_secret":"${credentials.impSecret}"}`;
    // The documents write `POST` without `-X`: curl asks a host of that name first. Here that host is the emulator too.
    const toEmulator = ["--connect-to", `POST:80:${new URL(tokenUrl).host}`, "-o", "/dev/null"];
    const answer = await curl(...toEmulator, "-H", "Content-Type: application/json", "POST", "-d", json, tokenUrl);
    expect(answer.response.access_token).toMatch(/^[0-9a-f]{40}$/);
  });

  it("controls the clock and the faults from the shell", async () => {
    await using emulator = await startFrozen();
    const control = `${emulator.origin}/_emulator`;
    const json = ["-H", "Content-Type: application/json"];
    expect((await curl(`${control}/clock`, ...json, "-d", '{"advance": 60000}')).now).toBe(START + 60_000);
    const fault = '{"endpoint": "toss.token", "kind": "status", "status": 503, "body": {"down": true}, "times": 1}';
    expect((await curl(`${control}/faults`, ...json, "-d", fault)).id).toBe(1);
    expect(await curl("-X", "POST", emulator.toss.tokenUrl)).toEqual({ down: true });
    expect((await curl(`${control}/counters`)).requests["toss.token"]).toBe(1);
  });
});
