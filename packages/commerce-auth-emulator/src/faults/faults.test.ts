import { once } from "node:events";
import { Agent, createServer, get } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import {
  askIamport,
  askNaver,
  askToss,
  callIamport,
  callNaver,
  callToss,
  START,
  seen,
  startFrozen,
} from "../clients.test-support.ts";
import type { Fault } from "./fault.ts";

/** A client with one connection that it keeps, without the retry of a pool. */
function keptAlive() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<unknown>();
  return {
    get: (url: string) =>
      new Promise<number | string>((resolve) => {
        const outgoing = get(url, { agent }, (answer) => {
          answer.resume().on("end", () => setImmediate(() => resolve(answer.statusCode ?? 0)));
        });
        outgoing.on("socket", (socket) => sockets.add(socket));
        outgoing.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      }),
    connections: () => sockets.size,
    idle: () => Object.values(agent.freeSockets).flat().length,
    [Symbol.dispose]: () => agent.destroy(),
  };
}

describe("a fault", () => {
  it("answers with its own status, body and headers", async () => {
    await using emulator = await startFrozen();
    emulator.fault({
      endpoint: "toss.token",
      kind: "status",
      status: 503,
      body: { down: true },
      headers: { "Retry-After": "7" },
    });
    const { status, headers, body } = await askToss(emulator);
    expect([status, headers.get("retry-after"), body]).toEqual([503, "7", { down: true }]);
    expect(headers.get("date")).toBe(new Date(START).toUTCString());
  });

  it("affects as many requests as its times, then is removed; the next fault follows", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "iamport.token", kind: "status", status: 500, times: 2 });
    emulator.fault({ endpoint: "iamport.token", kind: "html", times: 1 });
    const statuses = [];
    for (let ask = 0; ask < 4; ask += 1) statuses.push((await askIamport(emulator)).status);
    expect(statuses).toEqual([500, 500, 502, 200]);
    expect(emulator.requestCount("iamport.token")).toBe(4);
  });

  it("affects a share of the requests, drawn at random", async () => {
    const draws = [0.1, 0.9, 0.24, 0.25];
    await using emulator = await startFrozen({ random: () => draws.shift() ?? 1 });
    emulator.fault({ endpoint: "toss.token", kind: "status", status: 500, share: 0.25 });
    const statuses = [];
    for (let ask = 0; ask < 4; ask += 1) statuses.push((await askToss(emulator)).status);
    expect(statuses).toEqual([500, 200, 500, 200]);
  });

  it("affects its own endpoint only", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.api", kind: "status", status: 500 });
    const token = (await askToss(emulator)).body.access_token;
    expect((await callToss(emulator, token)).status).toBe(500);
    expect((await askNaver(emulator)).status).toBe(200);
  });

  it("is removed by its own function, or with all others", async () => {
    await using emulator = await startFrozen();
    const remove = emulator.fault({ endpoint: "toss.token", kind: "status", status: 500 });
    emulator.fault({ endpoint: "toss.token", kind: "status", status: 501 });
    remove();
    expect((await askToss(emulator)).status).toBe(501);
    emulator.clearFaults();
    expect((await askToss(emulator)).status).toBe(200);
  });

  it("delays the finished answer, or the handling of the request", async () => {
    await using emulator = await startFrozen();
    const remove = emulator.fault({ endpoint: "iamport.token", kind: "delay", ms: 100 });
    const started = performance.now();
    const early = askIamport(emulator);
    await expect.poll(() => emulator.issuedCount("iamport"), { interval: 2 }).toBe(1);
    emulator.clock.advance(5000);
    expect((await early).body.response.now).toBe(START / 1000);
    expect(performance.now() - started).toBeGreaterThanOrEqual(99);
    remove();

    emulator.reset();
    emulator.fault({ endpoint: "iamport.token", kind: "delay", ms: 100, hold: "request" });
    const late = askIamport(emulator);
    await expect.poll(() => emulator.requestCount("iamport.token"), { interval: 2 }).toBe(1);
    emulator.clock.advance(5000);
    expect((await late).body.response.now).toBe(START / 1000 + 5);
  });

  it("hangs until the client gives up", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "hang" });
    await expect(fetch(emulator.toss.tokenUrl, { method: "POST", signal: AbortSignal.timeout(50) })).rejects.toThrow();
    expect(emulator.journal).toMatchObject([{ faults: ["hang"], status: undefined }]);
  });

  it("cuts the connection before the headers; with handled, after the request is processed", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "iamport.token", kind: "cut", times: 1 });
    await expect(askIamport(emulator)).rejects.toThrow("fetch failed");
    expect(emulator.issuedCount("iamport")).toBe(0);
    emulator.fault({ endpoint: "iamport.token", kind: "cut", handled: true, times: 1 });
    await expect(askIamport(emulator)).rejects.toThrow("fetch failed");
    expect(emulator.issuedCount("iamport")).toBe(1);
  });

  it("closes an idle connection when the next request arrives: that request is lost", async () => {
    await using emulator = await startFrozen();
    using agent = keptAlive();
    emulator.fault({ endpoint: "toss.api", kind: "idle-close", times: 1 });
    const url = `${emulator.toss.apiBaseUrl}/products/categories/children`;
    expect(await agent.get(url)).toBe(401);
    expect(await agent.get(url)).toBe("ECONNRESET");
    expect(await agent.get(url)).toBe(401);
    expect(await agent.get(url)).toBe(401);
    expect([emulator.requestCount("toss.api"), agent.connections()]).toEqual([3, 2]);
  });

  it("closes an idle connection after a time, and the client sees it", async () => {
    await using emulator = await startFrozen();
    using agent = keptAlive();
    emulator.fault({ endpoint: "toss.api", kind: "idle-close", when: "idle", afterMs: 5 });
    const url = `${emulator.toss.apiBaseUrl}/products/categories/children`;
    expect(await agent.get(url)).toBe(401);
    await expect.poll(() => agent.idle(), { interval: 2 }).toBe(0);
    expect(await agent.get(url)).toBe(401);
    expect(agent.connections()).toBe(2);
  });

  it("loses a request that crosses the close of an idle connection", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.api", kind: "idle-close", when: "idle" });
    const { hostname, port, pathname } = new URL(`${emulator.toss.apiBaseUrl}/products/categories/children`);
    const request = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`;
    // Half open: the client can still send after the server's close has arrived.
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.on("error", () => {}).write(request);
    socket.resume();
    await once(socket, "end");
    socket.write(request);
    await callToss(emulator, "any");
    socket.destroy();
    expect(emulator.requestCount("toss.api")).toBe(2);
  });

  it("cuts the connection in the middle of the body", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "cut", when: "mid-body" });
    const { toss } = emulator;
    const body = new URLSearchParams({ client_id: toss.credentials.accessKey });
    const response = await fetch(toss.tokenUrl, { method: "POST", body });
    expect(response.status).toBe(400);
    await expect(response.text()).rejects.toThrow("terminated");
  });

  it("answers a proxy's HTML page, or no body at all", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "naver.token", kind: "html", times: 1 });
    const page = await askNaver(emulator);
    expect([page.status, page.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(page.text).toContain("<html>");
    emulator.fault({ endpoint: "naver.token", kind: "empty" });
    const empty = await askNaver(emulator);
    expect([empty.status, empty.text]).toEqual([200, ""]);
  });

  it.each([true, false])("pads the provider's own answer to 2 MiB; length declared: %s", async (declareLength) => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "huge", declareLength });
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: emulator.toss.credentials.accessKey,
      client_secret: emulator.toss.credentials.secretKey,
      scope: "toss-shopping-fep:write",
    });
    const response = await fetch(emulator.toss.tokenUrl, { method: "POST", body });
    expect(response.headers.has("content-length")).toBe(declareLength);
    const text = await response.text();
    expect(text.length).toBe(2 * 1024 * 1024);
    expect(JSON.parse(text).access_token).toMatch(/\S/);
  });

  it.each([["3600"], [null], [-1], [0], [1e12], [{}], [1.5]])("puts expires_in %j into the answer", async (value) => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "expires-in", value });
    emulator.fault({ endpoint: "naver.token", kind: "expires-in", value });
    expect((await askToss(emulator)).body.expires_in).toEqual(value);
    expect((await askNaver(emulator)).body.expires_in).toEqual(value);
  });

  it("removes expires_in without a change of the token's real lifetime", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "expires-in" });
    const { body } = await askToss(emulator);
    expect(Object.keys(body)).toEqual(["access_token", "scope", "token_type"]);
    emulator.clock.advance(3_598_999);
    expect((await callToss(emulator, body.access_token)).status).toBe(200);
  });

  it.each([
    [30, START / 1000 + 30],
    [-1, START / 1000 - 1],
    ["soon", "soon"],
    [null, null],
  ])("puts a lifetime of %j into iamport's answer as expired_at %j", async (value, expiredAt) => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "iamport.token", kind: "expires-in", value });
    expect((await askIamport(emulator)).body.response.expired_at).toBe(expiredAt);
  });

  it.each([301, 302, 303, 307, 308] as const)("redirects with %i", async (status) => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "redirect", location: "http://127.0.0.1:9/elsewhere", status });
    const answer = await askToss(emulator);
    expect([answer.status, answer.headers.get("location")]).toEqual([status, "http://127.0.0.1:9/elsewhere"]);
  });

  it("redirects an ordinary client, which posts its secret again", async () => {
    const bodies: string[] = [];
    const elsewhere = createServer(async (incoming, response) => {
      for await (const chunk of incoming) bodies.push(String(chunk));
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    await using emulator = await startFrozen();
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    emulator.fault({ endpoint: "toss.token", kind: "redirect", location, status: 307 });
    await fetch(emulator.toss.tokenUrl, { method: "POST", body: "client_secret=canary" });
    expect(bodies).toEqual(["client_secret=canary"]);
    elsewhere.closeAllConnections();
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  it("answers 200 with an error in the body, in each provider's format", async () => {
    await using emulator = await startFrozen();
    for (const endpoint of ["toss.token", "naver.token", "iamport.token"] as const) {
      emulator.fault({ endpoint, kind: "tokenless" });
    }
    expect(await askToss(emulator)).toMatchObject({ status: 200, body: { error: expect.any(String) } });
    expect(await askNaver(emulator)).toMatchObject({ status: 200, body: { code: "GW.INTERNAL_SERVER_ERROR" } });
    expect(await askIamport(emulator)).toMatchObject({ status: 200, body: { code: -1, response: null } });
  });

  it("answers response: null at iamport", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "iamport.token", kind: "null-response" });
    expect(await askIamport(emulator)).toMatchObject({
      status: 200,
      body: { code: 0, message: null, response: null },
    });
  });

  it("answers like a cache, with an Age and an old Date", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "stale", ageSeconds: 300 });
    const { headers, status } = await askToss(emulator);
    expect(status).toBe(200);
    expect(headers.get("age")).toBe("300");
    expect(headers.get("date")).toBe(new Date(START - 300_000).toUTCString());
  });

  it.each([
    [{ value: "yesterday, about noon" }, "yesterday, about noon"],
    [{ offsetMs: 60_000 }, new Date(START + 60_000).toUTCString()],
    [{}, null],
  ])("answers with the Date of %o", async (date, expected) => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "date", ...date });
    expect((await askToss(emulator)).headers.get("date")).toBe(expected);
  });

  it("combines with another: a delayed, stale status", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 1 });
    emulator.fault({ endpoint: "toss.token", kind: "stale" });
    emulator.fault({ endpoint: "toss.token", kind: "status", status: 500 });
    const { status, headers } = await askToss(emulator);
    expect([status, headers.get("age")]).toEqual([500, "600"]);
    expect(emulator.journal[0]?.faults).toEqual(["status", "delay", "stale"]);
  });
});

describe("an error in the provider's own format", () => {
  const GATEWAY_ERRORS = [
    ["GW.AUTHN", 401],
    ["GW.IP_NOT_ALLOWED", 403],
    ["GW.AUTHZ", 403],
    ["GW.NOT_FOUND", 404],
    ["GW.RATE_LIMIT", 429],
    ["GW.QUOTA_LIMIT", 429],
    ["GW.PROXY.01", 500],
    ["GW.PROXY.05", 500],
    ["GW.INTERNAL_SERVER_ERROR", 500],
    ["GW.BLOCK.01", 503],
    ["GW.BLOCK.02", 503],
    ["GW.TIMEOUT.01", 504],
    ["GW.TIMEOUT.02", 504],
  ] as const;

  it.each(GATEWAY_ERRORS)("is %s with status %i at Naver, at both endpoints", async (code, status) => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "naver.token", kind: "provider-error", code });
    emulator.fault({ endpoint: "naver.api", kind: "provider-error", code });
    for (const answer of [await askNaver(emulator), await callNaver(emulator, "x")]) {
      expect(answer).toMatchObject({ status, body: { code, message: expect.any(String) } });
      expect(answer.body.traceId).toBe(answer.headers.get("gncp-gw-trace-id"));
    }
  });

  it("is an error of Naver's token endpoint if the code is not the gateway's", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "INTERNAL_ERROR", status: 500 });
    expect(await askNaver(emulator)).toMatchObject({
      status: 500,
      body: { code: "INTERNAL_ERROR", invalidInputs: [], data: null },
    });
  });

  it("is OAuth's at the token endpoint of Toss, and the envelope's at its API", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "toss.token", kind: "provider-error", code: "invalid_scope" });
    emulator.fault({ endpoint: "toss.api", kind: "provider-error", code: "TOO_MANY_REQUEST" });
    expect(await askToss(emulator)).toMatchObject({ status: 400, body: { error: "invalid_scope" } });
    expect(await callToss(emulator, "x")).toMatchObject({
      status: 200,
      body: { resultType: "FAIL", error: { errorCode: "TOO_MANY_REQUEST" } },
    });
  });

  it("is the envelope's at iamport, with the given message and status", async () => {
    await using emulator = await startFrozen();
    emulator.fault({ endpoint: "iamport.token", kind: "provider-error" });
    emulator.fault({ endpoint: "iamport.api", kind: "provider-error", code: "3", message: "점검 중", status: 200 });
    expect(await askIamport(emulator)).toMatchObject({ status: 401, body: { code: -1, response: null } });
    expect(await callIamport(emulator, "x")).toMatchObject({ status: 200, body: { code: 3, message: "점검 중" } });
  });
});

describe("an invalid fault", () => {
  it.each([
    [{ endpoint: "toss", kind: "hang" }, /^fault\.endpoint: must be one of toss\.token, .*got "toss"$/],
    [{ endpoint: "toss.api", kind: "explode" }, /^fault\.kind: must be one of status, .*got "explode"$/],
    [{ endpoint: "toss.api", kind: "status" }, /^fault\.status: must be a whole number from 200 to 599, got nothing$/],
    [{ endpoint: "toss.api", kind: "hang", time: 1 }, /^fault\.time: unknown field; the known ones are: endpoint, /],
    [{ endpoint: "toss.api", kind: "hang", times: 0 }, /^fault\.times: /],
    [{ endpoint: "toss.api", kind: "hang", share: 2 }, /^fault\.share: must be from 0 to 1, got 2$/],
    [{ endpoint: "toss.api", kind: "tokenless" }, /^fault\.endpoint: "tokenless" is possible at toss\.token, /],
    [
      { endpoint: "naver.token", kind: "null-response" },
      /^fault\.endpoint: .* possible at iamport\.token, iamport\.api/,
    ],
    [{ endpoint: "toss.api", kind: "status", status: 500, headers: { "a b": "c" } }, /^fault\.headers\.a b: /],
    [{ endpoint: "toss.api", kind: "redirect", location: "a\nb" }, /^fault\.location: cannot be sent as a header/],
  ])("is refused, with the field's name: %o", async (fault, message) => {
    await using emulator = await startFrozen();
    expect(() => emulator.fault(fault as Fault)).toThrow(message);
    expect((await seen(fetch(emulator.toss.tokenUrl))).status).toBe(405);
  });
});
