import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { askIamport, askNaver, askToss, postJson, START, seen, startFrozen } from "./clients.test-support.ts";
import type { EmulatorOptions } from "./emulator.ts";
import { startEmulator } from "./start-emulator.ts";

describe("startEmulator", () => {
  it("listens on a free port of the loopback address, and two emulators share nothing", async () => {
    await using one = await startEmulator();
    await using two = await startEmulator();
    expect(one.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(two.origin).not.toBe(one.origin);
    await askToss(one);
    expect([one.requestCount("toss.token"), two.requestCount("toss.token")]).toEqual([1, 0]);
  });

  it("follows the real time by default", async () => {
    await using emulator = await startEmulator();
    const { body } = await askIamport(emulator);
    expect(Math.abs(body.response.now * 1000 - Date.now())).toBeLessThan(2000);
  });

  it("sends the virtual clock's Date, rounded down to the second, with every answer", async () => {
    await using emulator = await startFrozen();
    emulator.clock.advance(999);
    for (const answer of [
      await askToss(emulator),
      await askNaver(emulator),
      await seen(fetch(emulator.toss.apiBaseUrl)),
    ]) {
      expect(answer.headers.get("date")).toBe(new Date(START).toUTCString());
    }
  });

  it("sends no Date, by the switch", async () => {
    await using emulator = await startFrozen({ dateHeader: false });
    expect((await askToss(emulator)).headers.has("date")).toBe(false);
  });

  it("has the first of the configured credentials", async () => {
    const application = { clientId: "app", clientSecret: "$2a$04$ABCDEFGHIJKLMNOPQRSTUV" };
    await using emulator = await startFrozen({
      toss: { sellers: [{ accessKey: "a", secretKey: "s" }], solutionCodes: ["code"] },
      naver: { applications: [application], accounts: ["seller"] },
      iamport: { accounts: [{ impKey: "k", impSecret: "s" }] },
    });
    expect(emulator.toss.credentials).toEqual({ accessKey: "a", secretKey: "s", solutionCode: "code" });
    expect(emulator.naver.credentials).toEqual({ ...application, accountId: "seller" });
    expect(emulator.iamport.credentials).toEqual({ impKey: "k", impSecret: "s" });
    for (const ask of [askToss, askNaver, askIamport]) expect((await ask(emulator)).status).toBe(200);
  });

  it("has the options of a client for each provider, ready to spread", async () => {
    await using emulator = await startFrozen();
    for (const { tokenUrl, apiBaseUrl, credentials, options } of [emulator.toss, emulator.iamport]) {
      expect(options).toEqual({ tokenUrl, apiBaseUrl, ...credentials });
    }
    const { tokenUrl, apiBaseUrl, credentials, options } = emulator.naver;
    const { accountId, ...application } = credentials;
    expect(options).toEqual({ tokenUrl, apiBaseUrl, ...application });
    expect(accountId).toBeTruthy();
  });

  it.each([
    [{ host: "0.0.0.0" }, /^host: other machines can reach 0\.0\.0\.0.*--allow-host/],
    [{ host: "0.0.0.0", allowedHosts: [] }, /^host: other machines can reach/],
    [{ allowedHosts: "emulator" }, /^allowedHosts: must be a list/],
    [{ allowedHosts: ["emulator:4010"] }, /^allowedHosts\[0\]: must be a host name without a port/],
    [{ allowedHosts: ["http://emulator"] }, /^allowedHosts\[0\]: must be a host name without a port/],
    [{ allowedHosts: ["a", ""] }, /^allowedHosts\[1\]: must be a non-empty string/],
    [{ port: 70_000 }, /^port: must be a whole number from 0 to 65535/],
    [{ prot: 1 }, /^options\.prot: unknown field/],
    [{ dateHeader: "no" }, /^dateHeader: must be true or false/],
    [{ journalLimit: 0 }, /^journalLimit: must be a whole number/],
    [{ clock: { frozn: true } }, /^clock\.frozn: unknown field/],
    [{ naver: { offFormPenalty: "now" } }, /^naver\.offFormPenalty: must be one of next-day, at-once, off/],
    [{ naver: { deniedRoutes: ["x"] } }, /^naver\.deniedRoutes: /],
    [
      { naver: { applications: [{ clientId: "a", clientSecret: "a$04" }] } },
      /^naver\.applications\[0\]\.clientSecret: must be a bcrypt salt/,
    ],
    [{ toss: { lifetimeSeconds: -1 } }, /^toss\.lifetimeSeconds: /],
    [{ toss: { sellers: [{ accessKey: "a", secretKey: "" }] } }, /^toss\.sellers\[0\]\.secretKey: /],
    [{ clock: { speed: 0 } }, /^clock\.speed: must be above 0/],
    [{ toss: { rateLimit: { readsPerSecond: -1 } } }, /^toss\.rateLimit\.readsPerSecond: /],
    [{ toss: { rateLimit: { window: "rolling" } } }, /^toss\.rateLimit\.window: must be one of fixed, sliding/],
    [{ toss: { rateLimit: "documented" } }, /^toss\.rateLimit: must be an object/],
    [{ toss: { tokenRateLimit: { requests: 1 } } }, /^toss\.tokenRateLimit\.perSeconds: /],
    [{ naver: { rateLimit: { replenishRate: "x" } } }, /^naver\.rateLimit\.replenishRate: must be a finite number/],
    [{ naver: { rateLimit: {} } }, /^naver\.rateLimit\.replenishRate: must be a finite number, got nothing/],
    [{ naver: { rateLimit: { replenishRate: 2, burst: 4 } } }, /^naver\.rateLimit\.burst: unknown field/],
    [{ naver: { quota: { period: "WEEKS", limit: 1 } } }, /^naver\.quota\.period: must be one of SECONDS/],
    [{ naver: { uploadMs: -1 } }, /^naver\.uploadMs: /],
    [{ iamport: { extention: "once" } }, /^iamport\.extention: unknown field/],
  ])("refuses %j and names the option", async (options, message) => {
    await expect(startEmulator(options as EmulatorOptions)).rejects.toThrow(message);
  });

  it("listens on another address with a list of hosts", async () => {
    await using emulator = await startEmulator({ host: "0.0.0.0", allowedHosts: ["emulator"] });
    expect(emulator.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await askToss(emulator)).status).toBe(200);
  });

  it("rejects if the port is in use", async () => {
    await using emulator = await startEmulator();
    const port = Number(new URL(emulator.origin).port);
    await expect(startEmulator({ port })).rejects.toThrow("EADDRINUSE");
  });
});

describe("close", () => {
  it("ends hung, delayed and kept-alive connections, and can be called again", async () => {
    const emulator = await startEmulator();
    await askToss(emulator);
    emulator.fault({ endpoint: "toss.token", kind: "hang" });
    emulator.fault({ endpoint: "naver.token", kind: "delay", ms: 60_000 });
    emulator.fault({ endpoint: "iamport.token", kind: "delay", ms: 60_000, hold: "request" });
    const waiting = [askToss(emulator), askNaver(emulator), askIamport(emulator)].map((answer) =>
      expect(answer).rejects.toThrow(),
    );
    await expect.poll(() => emulator.journal.length, { interval: 2 }).toBe(4);
    await Promise.all([emulator.close(), emulator.close()]);
    await Promise.all(waiting);
    await emulator.close();
    await expect(askToss(emulator)).rejects.toThrow();
  });
});

describe("a request that no client should send", () => {
  it("is answered, and the emulator continues", async () => {
    await using emulator = await startFrozen();
    const port = Number(new URL(emulator.origin).port);
    const exchange = (request: string) =>
      new Promise<string>((resolve) => {
        let answer = "";
        const socket = connect(port, "127.0.0.1", () => socket.end(request));
        socket.on("data", (chunk) => {
          answer += chunk;
        });
        socket.on("close", () => resolve(answer));
      });
    const close = "Host: x\r\nConnection: close\r\n\r\n";
    expect(await exchange(`GET //[ HTTP/1.1\r\n${close}`)).toMatch(/^HTTP\/1\.1 404 /);
    expect(await exchange(`OPTIONS * HTTP/1.1\r\n${close}`)).toMatch(/^HTTP\/1\.1 404 /);
    expect(await exchange("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    await exchange("POST /toss/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    const proxied = await exchange(`GET http://api.iamport.kr/iamport/payments/imp_1 HTTP/1.1\r\n${close}`);
    expect(proxied).toMatch(/^HTTP\/1\.1 401 /);
    expect((await askToss(emulator)).status).toBe(200);
  });

  it("is refused if it is larger than any documented body", async () => {
    await using emulator = await startFrozen();
    const body = Buffer.alloc(17 * 1024 * 1024);
    const answer = seen(fetch(emulator.toss.tokenUrl, { method: "POST", body })).then(({ status }) => status);
    // The answer may come while the client is still sending; then it sees the connection end instead.
    expect([413, "closed"]).toContain(await answer.catch(() => "closed"));
    expect((await askToss(emulator)).status).toBe(200);
  });

  it("is answered if it is JSON that cannot become text", async () => {
    await using emulator = await startFrozen();
    const odd = { toString: 1, valueOf: 1 };
    const token = (await askIamport(emulator)).body.response.access_token;
    for (const url of [emulator.toss.tokenUrl, emulator.naver.tokenUrl, emulator.iamport.tokenUrl]) {
      for (const body of [{ scope: odd, type: odd, imp_key: odd, imp_secret: odd, client_id: odd }, [odd], odd, null]) {
        expect((await postJson(url, body)).status).toBe(400);
      }
    }
    const headers = { Authorization: `Bearer ${token}` };
    const prepare = `${emulator.iamport.apiBaseUrl}/payments/prepare`;
    expect((await postJson(prepare, { merchant_uid: "a", amount: odd }, headers)).status).toBe(400);
  });

  it("reports an error of the caller's own function", async () => {
    const accounts = () => {
      throw new Error("no such table");
    };
    await using emulator = await startFrozen({ naver: { accounts } });
    const { status, body } = await askNaver(emulator, { type: "SELLER", account_id: "a" });
    expect([status, body.error]).toEqual([500, "The emulator failed: Error: no such table"]);
  });
});

describe("a load test", () => {
  it("gets a token for each of a thousand identities", async () => {
    await using emulator = await startFrozen({
      toss: { sellers: "any" },
      naver: { applications: "any", accounts: "any", verifySignature: false },
      iamport: { accounts: "any" },
    });
    const asks = Array.from({ length: 334 }, (_, index) => [
      askToss(emulator, { client_id: `key-${index}` }),
      askNaver(emulator, { type: "SELLER", account_id: `seller-${index}`, client_secret_sign: "unchecked" }),
      askIamport(emulator, { imp_key: `key-${index}` }),
    ]);
    const answers = await Promise.all(asks.flat());
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(["toss", "naver", "iamport"].map((name) => emulator.issuedCount(name as "toss"))).toEqual([334, 334, 334]);
  });
});
