import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { askNaver, askToss, callNaver, callToss, START, seen, startFrozen } from "../clients.test-support.ts";
import type { Emulator } from "../emulator.ts";
import { PROVIDERS } from "../provider/provider.ts";
import type { JournalEntry } from "./journal.ts";

/** The fields of the control routes' bodies that the tests read. */
interface ControlBody {
  now: number;
  frozen: boolean;
  skewMs: number;
  naver: unknown;
  routes: Record<string, string>;
  revoked: number;
}

function control<Body = ControlBody>({ origin }: Emulator, method: string, path: string, body?: unknown) {
  const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const headers = { "Content-Type": "application/json" };
  return seen<Body>(fetch(`${origin}/_emulator${path}`, { method, headers, ...init }));
}

it("the first page tells the token endpoint and an API call of every provider", async () => {
  await using emulator = await startFrozen();
  const guide = await (await fetch(emulator.origin)).text();
  for (const provider of PROVIDERS) {
    const { tokenUrl, apiBaseUrl } = emulator[provider];
    expect(guide).toContain(`POST ${tokenUrl}\n`);
    expect(guide).toContain(`GET  ${apiBaseUrl}/`);
  }
});

describe("the control routes", () => {
  it("list the URLs and the routes", async () => {
    await using emulator = await startFrozen();
    for (const path of ["", "/"]) {
      const { status, body } = await control(emulator, "GET", path);
      expect(status).toBe(200);
      const { tokenUrl, apiBaseUrl, credentials } = emulator.naver;
      expect(body.naver).toEqual({ tokenUrl, apiBaseUrl, credentials });
      expect(Object.keys(body.routes)).toContain("POST /faults");
    }
  });

  it("read and move the clock", async () => {
    await using emulator = await startFrozen();
    expect((await control(emulator, "GET", "/clock")).body).toMatchObject({ now: START, frozen: true });
    expect((await control(emulator, "POST", "/clock", { advance: 5000 })).body.now).toBe(START + 5000);
    expect((await control(emulator, "POST", "/clock", { set: 1_000_000, advance: 1 })).body.now).toBe(1_000_001);
    const running = (await control(emulator, "POST", "/clock", { frozen: false, skew: -60_000 })).body;
    expect(running.frozen).toBe(false);
    expect(Math.abs(running.skewMs + 60_000)).toBeLessThan(50);
  });

  it("set, list and remove faults", async () => {
    await using emulator = await startFrozen();
    const fault = { endpoint: "toss.token", kind: "status", status: 503, times: 2 };
    const set = await control(emulator, "POST", "/faults", fault);
    expect(set).toMatchObject({ status: 201, body: { id: 1, fault, affected: 0 } });
    expect((await askToss(emulator)).status).toBe(503);
    expect((await control(emulator, "GET", "/faults")).body).toEqual([{ id: 1, fault, affected: 1 }]);
    expect((await control(emulator, "DELETE", "/faults/1")).body).toEqual([]);
    expect((await control(emulator, "DELETE", "/faults/1")).status).toBe(404);
    await control(emulator, "POST", "/faults", fault);
    await control(emulator, "DELETE", "/faults");
    expect((await askToss(emulator)).status).toBe(200);
  });

  it("show the journal and the counters, and are not in them", async () => {
    await using emulator = await startFrozen();
    await askToss(emulator);
    await askNaver(emulator);
    await askNaver(emulator);
    const journal = await control<JournalEntry[]>(emulator, "GET", "/journal");
    expect(journal.body.map((entry) => entry.endpoint)).toEqual(["toss.token", "naver.token", "naver.token"]);
    const last = (await control(emulator, "GET", "/journal?endpoint=naver.token&last=1")).body;
    expect(last).toMatchObject([{ sequence: 3 }]);
    expect((await control(emulator, "GET", "/counters")).body).toEqual({
      requests: {
        "toss.token": 1,
        "toss.api": 0,
        "naver.token": 2,
        "naver.api": 0,
        "iamport.token": 0,
        "iamport.api": 0,
      },
      limited: {
        "toss.token": 0,
        "toss.api": 0,
        "naver.token": 0,
        "naver.api": 0,
        "iamport.token": 0,
        "iamport.api": 0,
      },
      issued: { toss: 1, naver: 1, iamport: 0 },
    });
  });

  it("revoke a token by its value or its id, or all of a provider's", async () => {
    await using emulator = await startFrozen();
    const first = (await askToss(emulator)).body.access_token;
    const second = (await askToss(emulator)).body.access_token;
    const third = (await askToss(emulator)).body.access_token;
    await callToss(emulator, second);
    const tokenId = emulator.journal.at(-1)?.tokenId;
    const revoke = async (body: object) => (await control(emulator, "POST", "/revoke", body)).body.revoked;
    expect(await revoke({ provider: "toss", token: first })).toBe(1);
    expect(await revoke({ provider: "toss", tokenId })).toBe(1);
    expect((await callToss(emulator, second)).status).toBe(401);
    expect((await callToss(emulator, third)).status).toBe(200);
    expect(await revoke({ provider: "toss" })).toBe(1);
    expect((await callToss(emulator, third)).status).toBe(401);
    const naver = (await askNaver(emulator)).body.access_token;
    expect(await revoke({ provider: "naver", reissue: "same-token" })).toBe(1);
    expect((await askNaver(emulator)).body.access_token).toBe(naver);
  });

  it("reset everything", async () => {
    await using emulator = await startFrozen();
    const token = (await askNaver(emulator)).body.access_token;
    emulator.clock.advance(1000);
    emulator.fault({ endpoint: "naver.token", kind: "hang" });
    await control(emulator, "POST", "/reset");
    expect(emulator.clock.now()).toBe(START);
    expect([emulator.issuedCount("naver"), emulator.requestCount("naver.token"), emulator.journal]).toEqual([0, 0, []]);
    expect((await callNaver(emulator, token)).status).toBe(401);
    expect((await askNaver(emulator)).status).toBe(200);
  });

  it.each([
    ["POST", "/clock", "advance=5", "body", "must be JSON"],
    ["POST", "/clock", { advance: "5" }, "clock.advance", "must be a whole number"],
    ["POST", "/clock", { foward: 5 }, "clock.foward", "unknown field; the known ones are: frozen, set, skew, advance"],
    ["POST", "/clock", [], "clock", "must be an object"],
    ["POST", "/faults", { endpoint: "naver.api", kind: "status" }, "fault.status", "must be a whole number"],
    ["POST", "/faults", "null", "fault", "must be an object, got null"],
    ["GET", "/journal?endpoint=nowhere", undefined, "journal.endpoint", "must be one of toss.token"],
    ["GET", "/journal?last=few", undefined, "journal.last", "must be a whole number"],
    ["POST", "/revoke", { provider: "paypal" }, "revoke.provider", "must be one of toss, naver, iamport"],
    ["POST", "/revoke", { provider: "toss", token: "" }, "revoke.token", "must be a non-empty string"],
    ["POST", "/revoke", { provider: "toss", reissue: "no" }, "revoke.reissue", "must be one of new-token, same-token"],
  ])("answer 400 to %s %s with %j, naming the field", async (method, path, body, field, problem) => {
    await using emulator = await startFrozen();
    const answer = await control(emulator, method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: expect.stringContaining(`${field}: ${problem}`), field });
  });

  it("do not move the clock if one of several steps is refused", async () => {
    await using emulator = await startFrozen();
    await control(emulator, "POST", "/clock", { advance: 5000, frozen: "yes" });
    expect(emulator.clock.now()).toBe(START);
  });

  it("answer 404 with the list of routes to an unknown path", async () => {
    await using emulator = await startFrozen();
    const answer = await control(emulator, "POST", "/clocks", {});
    expect(answer.status).toBe(404);
    expect(answer.body.routes["POST /clock"]).toContain("advance");
  });
});

/** A request with headers that `fetch` does not let a caller set. */
function raw({ origin }: Emulator, method: string, path: string, headers: Record<string, string | undefined>) {
  const { hostname, port, host } = new URL(origin);
  const sent = Object.entries({ host, "content-type": "application/json", ...headers });
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, setHost: false }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    for (const [name, value] of sent) if (value !== undefined) outgoing.setHeader(name, value);
    outgoing.on("error", reject).end(method === "POST" ? '{"advance": 5000}' : undefined);
  });
}

describe("access to the control routes (case 49)", () => {
  it.each([
    ["a name that resolves to this machine", { host: "rebound.evil.example" }],
    ["a name that begins like this machine", { host: "127.0.0.1.evil.example" }],
    ["a name that ends like this machine", { host: "evil.localhost" }],
    ["an address that is not loopback", { host: "192.168.0.5:4010" }],
    ["the address that stands for all", { host: "0.0.0.0:4010" }],
    ["a page of another site", { origin: "https://evil.example" }],
    ["a page of another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["a sandboxed page or a file", { origin: "null" }],
    ["a page that is served by https here", { origin: "https://127.0.0.1" }],
    ["a host with user info", { host: "127.0.0.1@evil.example" }],
    ["an empty host", { host: "" }],
  ])("is refused to %s, on every route", async (_who, headers) => {
    await using emulator = await startFrozen();
    for (const path of ["/", "/_emulator", "/_emulator/journal", "/_emulator/clock", "/_emulator/nothing"]) {
      expect((await raw(emulator, "GET", path, headers)).status).toBe(403);
    }
    expect((await raw(emulator, "POST", "/_emulator/clock", headers)).status).toBe(403);
    expect((await raw(emulator, "DELETE", "/_emulator/faults", headers)).status).toBe(403);
    expect(emulator.clock.now()).toBe(START);
  });

  it.each([
    ["the loopback address", {}],
    ["another loopback address", { host: "127.0.0.2:4010" }],
    ["localhost, in any case, under another port (a forwarded one)", { host: "LOCALHOST:4020" }],
    ["IPv6", { host: "[::1]:4010" }],
    ["the emulator's own origin", { host: "localhost:4010", origin: "http://localhost:4010" }],
  ])("is open to programs that use %s", async (_which, headers) => {
    await using emulator = await startFrozen();
    expect((await raw(emulator, "GET", "/_emulator", headers)).status).toBe(200);
    expect((await raw(emulator, "POST", "/_emulator/clock", headers)).status).toBe(200);
    expect(emulator.clock.now()).toBe(START + 5000);
  });

  it("is open to the hosts of the list, and to no others", async () => {
    await using emulator = await startFrozen({ allowedHosts: ["Emulator", "10.0.0.5", "fd00::5"] });
    for (const host of ["emulator:4010", "EMULATOR", "10.0.0.5:4010", "[fd00::5]:4010", "127.0.0.1"]) {
      expect([host, (await raw(emulator, "GET", "/_emulator", { host })).status]).toEqual([host, 200]);
    }
    const refused = await raw(emulator, "GET", "/_emulator", { host: "emulator2:4010" });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text).error).toContain("--allow-host emulator2");
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; application/json",
    "",
    undefined,
  ])("needs JSON as the content type of a POST: %s is refused", async (type) => {
    await using emulator = await startFrozen();
    const answer = await raw(emulator, "POST", "/_emulator/clock", { "content-type": type });
    expect(answer.status).toBe(415);
    expect(emulator.clock.now()).toBe(START);
  });

  it("takes JSON with a charset", async () => {
    await using emulator = await startFrozen();
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await raw(emulator, "POST", "/_emulator/clock", headers)).status).toBe(200);
  });

  it("does not concern the providers' own routes: a container is called by its service name", async () => {
    await using emulator = await startFrozen();
    const path = new URL(emulator.toss.tokenUrl).pathname;
    expect((await raw(emulator, "GET", path, { host: "emulator:4010" })).status).toBe(405);
  });
});

describe("the start page", () => {
  it("explains the emulator, its credentials and its routes", async () => {
    await using emulator = await startFrozen();
    const { status, headers, text } = await seen<string>(fetch(emulator.origin));
    expect([status, headers.get("content-type")]).toEqual([200, "text/plain;charset=UTF-8"]);
    for (const { tokenUrl } of [emulator.toss, emulator.naver, emulator.iamport]) expect(text).toContain(tokenUrl);
    expect(text).toContain(`COMMERCE_AUTH_EMULATOR=${emulator.origin}`);
    expect(text).toContain(`${emulator.origin}/_emulator`);
    expect((await seen(fetch(emulator.origin, { method: "POST" }))).status).toBe(405);
    expect(emulator.journal).toEqual([]);
  });

  it("shows the URLs under the name that the client used: in a container, or behind a forwarded port", async () => {
    await using emulator = await startFrozen({ allowedHosts: ["emulator"] });
    for (const host of ["emulator:4010", "localhost:4020"]) {
      for (const path of ["/", "/_emulator"]) {
        const { text } = await raw(emulator, "GET", path, { host });
        expect(text).toContain(`http://${host}/naver/external/v1/oauth2/token`);
        expect(text).not.toContain(emulator.origin);
      }
    }
  });
});
