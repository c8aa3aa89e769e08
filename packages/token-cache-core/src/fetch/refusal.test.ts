import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import type { ApiAnswer } from "../provider/index.ts";
import { authenticated, failureOf, refusingFirst, startServer, until } from "./loopback.test-support.ts";

describe("a refused token", () => {
  it("is renewed, and the caller notices nothing (case 9)", async () => {
    await using api = await startServer(refusingFirst);
    const { fetch, tokens, events } = authenticated([api.origin]);
    const response = await fetch(api.origin, { method: "PUT", body: "text", headers: { "x-kept": "1" } });
    expect([response.status, await response.text()]).toEqual([200, "accepted"]);
    await fetch(api.origin);
    expect(api.tokens).toEqual(["token-1", "token-2", "token-2"]);
    const [first, second] = api.requests.map(({ method, body, headers }) => [method, `${body}`, headers["x-kept"]]);
    expect(second).toEqual(first);
    expect(tokens.issues).toBe(2);
    expect(events.filter(({ type }) => type === "refused")).toHaveLength(1);
  });

  it("is renewed once for fifty calls in flight (case 8)", async () => {
    const all = Promise.withResolvers<void>();
    await using api = await startServer(async (request) => {
      if (request.token === "token-1" && api.requests.length === 50) all.resolve();
      await all.promise; // All fifty are on their way before the first refusal arrives.
      return refusingFirst(request);
    });
    const { fetch, tokens } = authenticated([api.origin]);
    const responses = await Promise.all(Array.from({ length: 50 }, (_, nth) => fetch(`${api.origin}/${nth}`)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(tokens.issues).toBe(2);
    expect(api.tokens.filter((token) => token === "token-1")).toHaveLength(50);
    expect(api.tokens.filter((token) => token === "token-2")).toHaveLength(50);
  });

  it("is not evicted by refusals of its predecessor that arrive over the next five seconds (case 8)", async () => {
    const held: (() => void)[] = [];
    await using api = await startServer(async (request) => {
      if (request.token === "token-1") await new Promise<void>((resolve) => held.push(resolve));
      return refusingFirst(request);
    });
    const { fetch, tokens, clock, events } = authenticated([api.origin], { propagationMs: 1_000 });
    const calls = Array.from({ length: 50 }, () => fetch(api.origin));
    await until(() => held.length === 50);
    clock.advance(60_000);
    for (const [nth, release] of held.entries()) {
      release();
      expect((await calls[nth])?.status).toBe(200);
      clock.advance(100);
    }
    expect(tokens.issues).toBe(2);
    expect(events.filter(({ type }) => type === "refused")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "evicted")).toHaveLength(0);
  });

  it("is sent again once: a second refusal is the caller's answer", async () => {
    await using api = await startServer(() => ({ status: 401, body: "no" }));
    const { fetch, tokens } = authenticated([api.origin]);
    const response = await fetch(api.origin);
    expect([response.status, await response.text()]).toEqual([401, "no"]);
    expect(api.tokens).toEqual(["token-1", "token-2"]);
    expect(tokens.issues).toBe(2);
  });

  it("ends with token_refused if the provider has no other one, and sends no request for a minute", async () => {
    await using api = await startServer(() => ({ status: 401 }));
    const { fetch, tokens, clock } = authenticated([api.origin]);
    tokens.value = () => "token-only";
    for (let nth = 0; nth < 100; nth++) {
      const error = await failureOf(fetch(api.origin));
      expect(error).toMatchObject({ code: "token_refused", provider: "test-provider", retryable: false });
      expect(error.message).toMatch(/permission/);
      clock.advance(500);
    }
    expect(tokens.issues).toBe(2);
    expect(api.requests).toHaveLength(100);
  });

  it("that is young is waited out once and sent again once, and not renewed (case 26)", async () => {
    let isKnown = false;
    await using api = await startServer(() => (isKnown ? { body: "accepted" } : { status: 401 }));
    const { fetch, tokens, clock } = authenticated([api.origin], { propagationMs: 1_000 });
    const calls = [fetch(api.origin), fetch(api.origin), fetch(api.origin)];
    await until(() => clock.pendingTimers === 3);
    isKnown = true;
    clock.advance(999);
    expect(api.requests).toHaveLength(3);
    clock.advance(1);
    for (const call of calls) expect(await (await call).text()).toBe("accepted");
    expect(new Set(api.tokens)).toEqual(new Set(["token-1"]));
    expect([api.requests.length, tokens.issues]).toEqual([6, 1]);
  });

  it("that is young and stays refused is renewed after the wait (case 54)", async () => {
    await using api = await startServer(refusingFirst);
    const { fetch, tokens, clock } = authenticated([api.origin], { propagationMs: 1_000 });
    const call = fetch(api.origin);
    await until(() => clock.pendingTimers === 1);
    clock.advance(1_000);
    expect((await call).status).toBe(200);
    expect(api.tokens).toEqual(["token-1", "token-1", "token-2"]);
    expect(tokens.issues).toBe(2);
  });

  it("that is young, and the only one, ends with token_refused and its advice (case 54)", async () => {
    await using api = await startServer(() => ({ status: 401 }));
    const { fetch, tokens, clock } = authenticated([api.origin], { propagationMs: 1_000 });
    tokens.value = () => "token-only";
    const failure = failureOf(fetch(api.origin));
    await until(() => clock.pendingTimers === 1);
    clock.advance(1_000);
    expect(await failure).toMatchObject({ code: "token_refused", message: expect.stringMatching(/permission/) });
    expect([api.requests.length, tokens.issues]).toEqual([2, 2]);
  });

  it("ends the call with the renewal's own error if that fails", async () => {
    await using api = await startServer(refusingFirst);
    const { fetch, tokens } = authenticated([api.origin]);
    tokens.value = (nth) => {
      if (nth === 1) return "token-1";
      throw new TokenError("invalid_credentials", { message: "The secret was rotated." });
    };
    expect(await failureOf(fetch(api.origin))).toMatchObject({ code: "invalid_credentials" });
  });

  it("ends the call with an error that is worth a retry, too, since nothing took effect", async () => {
    await using api = await startServer(refusingFirst);
    const { fetch, tokens, cache, source } = authenticated([api.origin]);
    await cache.getToken(source);
    tokens.value = () => {
      throw new TokenError("provider_unavailable", { message: "Down.", retryAfterMs: 60_000 });
    };
    const order = fetch(api.origin, { method: "POST", body: "one order" });
    expect(await failureOf(order)).toMatchObject({ code: "provider_unavailable", retryable: true });
  });

  it("is sent three times at most, whatever a cache returns", async () => {
    await using api = await startServer(() => ({ status: 401 }));
    const { cache } = authenticated([api.origin]);
    const token = await cache.getToken(authenticated([api.origin]).source);
    const stubborn = Object.assign(Object.create(cache), { getToken: async () => token });
    const { fetch } = authenticated([api.origin], { cache: stubborn });
    expect((await fetch(api.origin)).status).toBe(401);
    expect(api.requests).toHaveLength(3);
  });

  it("behind a redirect is sent again from there, and the request before it is not (303)", async () => {
    await using api = await startServer((request) =>
      request.method === "POST" ? { status: 303, headers: { location: "/result" } } : refusingFirst(request),
    );
    const { fetch } = authenticated([api.origin]);
    const response = await fetch(`${api.origin}/orders`, { method: "POST", body: "one order" });
    expect(response.status).toBe(200);
    expect(api.requests.map(({ method, target, token }) => [method, target, token])).toEqual([
      ["POST", "/orders", "token-1"],
      ["GET", "/result", "token-1"],
      ["GET", "/result", "token-2"],
    ]);
  });

  it.each([400, 403, 404, 409, 418, 429, 500, 502, 503, 504])("is not what %i says", async (status) => {
    await using api = await startServer(() => ({ status, body: "as it was" }));
    const { fetch, tokens } = authenticated([api.origin]);
    const response = await fetch(api.origin);
    expect([response.status, await response.text()]).toEqual([status, "as it was"]);
    expect([tokens.issues, api.requests.length]).toEqual([1, 1]);
  });
});

describe("an answer that the caller does not get is cancelled, so that its connection is free", () => {
  /** A fetch whose answers note that they were cancelled. */
  function noting(answers: readonly ResponseInit[]) {
    const cancelled: number[] = [];
    let sent = 0;
    const fetch = async () => {
      const nth = sent++;
      return new Response(new ReadableStream({ cancel: () => void cancelled.push(nth) }), answers[nth]);
    };
    return { fetch, cancelled };
  }
  const refusal = { status: 401 };
  const redirect = { status: 307, headers: { location: "/next" } };

  it.each<[string, ResponseInit[], number[]]>([
    ["a refusal", [refusal, {}], [0]],
    ["redirects", [redirect, redirect, {}], [0, 1]],
    ["a refusal behind a redirect", [redirect, refusal, {}], [0, 1]],
    ["a redirect to another host", [{ ...redirect, headers: { location: "https://other.test" } }], [0]],
    [
      "the last of too many redirects",
      Array.from({ length: 21 }, () => redirect),
      Array.from({ length: 21 }).map((_, nth) => nth),
    ],
  ])("%s", async (_what, answers, expected) => {
    const { fetch: answering, cancelled } = noting(answers);
    const { fetch } = authenticated(["https://api.test"], { fetch: answering });
    await fetch("https://api.test/").catch(() => {});
    expect(cancelled).toEqual(expected);
  });

  it("a refusal whose renewal fails", async () => {
    const { fetch: answering, cancelled } = noting([refusal]);
    const { fetch, tokens } = authenticated(["https://api.test"], { fetch: answering });
    tokens.value = (nth) => {
      if (nth === 1) return "token-1";
      throw new TokenError("invalid_credentials", { message: "The secret was rotated." });
    };
    await failureOf(fetch("https://api.test/"));
    expect(cancelled).toEqual([0]);
  });
});

describe("judging an answer by its body", () => {
  const readers = (bodies: unknown[]) => ({
    async isRefused(answer: ApiAnswer) {
      const body = await answer.readJson();
      bodies.push(body);
      return answer.status === 401 && (body as { code?: unknown } | undefined)?.code === "BAD_TOKEN";
    },
  });

  it.each([
    ["JSON", '{"code":"OTHER"}', { code: "OTHER" }],
    ["HTML", "<html><body>401</body></html>", undefined],
    ["empty", "", undefined],
    ["half of a JSON", '{"code":"BAD_TOK', undefined],
    ["ten megabytes", `{"code":"BAD_TOKEN","padding":"${"x".repeat(10 * 1024 * 1024)}"}`, undefined],
  ])("leaves the caller a body that is %s", async (_, body, seen) => {
    await using api = await startServer(() => ({ status: 401, body }));
    const bodies: unknown[] = [];
    const { fetch, tokens, clock } = authenticated([api.origin], readers(bodies));
    const response = await fetch(api.origin);
    expect(response.bodyUsed).toBe(false);
    expect((await response.text()) === body).toBe(true);
    expect(bodies).toEqual([seen]);
    expect(tokens.issues).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("knows the method in capitals, as the caller may write it small: the answer to a HEAD has no body", async () => {
    await using api = await startServer();
    const methods: string[] = [];
    const { fetch } = authenticated([api.origin], {
      isRefused({ method }) {
        methods.push(method);
        return false;
      },
    });
    for (const method of ["head", "pUT", "get"]) await fetch(api.origin, { method });
    expect(methods).toEqual(["HEAD", "PUT", "GET"]);
  });

  it("finds the code, and the answer after the renewal is complete", async () => {
    await using api = await startServer(({ token }) =>
      token === "token-1" ? { status: 401, body: '{"code":"BAD_TOKEN"}' } : { body: '{"value":1}' },
    );
    const { fetch } = authenticated([api.origin], readers([]));
    expect(await (await fetch(api.origin)).json()).toEqual({ value: 1 });
  });
});

describe("a refusal whose body drips (case 50)", () => {
  it("is the caller's answer after five seconds", async () => {
    const server = createServer((_, response) => {
      response.writeHead(401).write('{"code":');
      const drip = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { fetch, clock, tokens } = authenticated([origin], {
      isRefused: async (answer) => (await answer.readJson()) !== undefined,
    });
    const call = fetch(origin);
    await until(() => clock.pendingTimers === 1);
    clock.advance(5_000);
    const response = await call;
    expect([response.status, response.bodyUsed, tokens.issues, clock.pendingTimers]).toEqual([401, false, 1, 0]);
    const first = await response.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toContain('{"code":');
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
});
