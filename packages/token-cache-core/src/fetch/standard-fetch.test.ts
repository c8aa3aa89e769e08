import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import ky from "ky";
import createClient from "openapi-fetch";
import { ProxyAgent, fetch as undiciFetch } from "undici";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { createAuthenticatedFetch } from "../provider/index.ts";
import { instant } from "../time/clock.ts";
import { authenticated, failureOf, refusingFirst, startServer, until } from "./loopback.test-support.ts";

describe("headers", () => {
  it("of the caller are kept, in any form, but Authorization is an error before anything happens", async () => {
    await using api = await startServer();
    const { fetch, tokens } = authenticated([api.origin]);
    const given = [{ "X-Own": "1" }, [["x-own", "1"]] satisfies [string, string][], new Headers({ "x-own": "1" })];
    for (const headers of given) {
      await fetch(api.origin, { headers });
      await fetch(new Request(api.origin, { headers }));
    }
    expect(api.requests.map(({ headers }) => headers["x-own"])).toEqual(Array(6).fill("1"));
    const before = tokens.issues;
    for (const headers of [{ authorization: "Basic abc" }, { AUTHORIZATION: "" }]) {
      for (const call of [fetch(api.origin, { headers }), fetch(new Request(api.origin, { headers }))]) {
        expect(await failureOf(call)).toMatchObject({
          code: "invalid_options",
          message: expect.stringMatching(/Authorization.*plain fetch/),
        });
      }
    }
    expect([api.requests.length, tokens.issues]).toEqual([6, before]);
  });

  it("of an init replace those of the Request, as the standard says", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([api.origin]);
    const request = () => new Request(api.origin, { method: "POST", body: "old", headers: { "x-old": "1" } });
    const init = { headers: { "x-new": "1" }, body: "new", method: "PUT", signal: undefined } as unknown as RequestInit;
    await fetch(request(), init);
    await globalThis.fetch(request(), init);
    const told = api.requests.map(({ method, body, headers }) => [
      method,
      `${body}`,
      headers["x-old"],
      headers["x-new"],
    ]);
    expect(told[0]).toEqual(told[1]);
    expect(told[0]).toEqual(["PUT", "new", undefined, "1"]);
  });

  it("by default are added unless the request has its own", async () => {
    await using api = await startServer(refusingFirst);
    const { fetch } = authenticated([api.origin], { headers: { Tier: "default", "X-Other": "default" } });
    await fetch(api.origin);
    await fetch(api.origin, { headers: { tier: "own" } });
    await fetch(new Request(api.origin, { headers: { tier: "own" } }));
    expect(api.requests.map(({ headers }) => [headers["tier"], headers["x-other"]])).toEqual([
      ["default", "default"],
      ["default", "default"],
      ["own", "default"],
      ["own", "default"],
    ]);
  });
});

describe("signal", () => {
  const gone = new Error("the caller has gone");

  it("aborted before: nothing is sent, and the reason is the caller's", async () => {
    await using api = await startServer();
    const { fetch, tokens } = authenticated([api.origin]);
    const signal = AbortSignal.abort(gone);
    await expect(fetch(api.origin, { signal })).rejects.toBe(gone);
    await expect(fetch(new Request(api.origin, { signal }))).rejects.toBe(gone);
    await expect(fetch(new Request(api.origin, { signal, method: "POST", body: "text" }))).rejects.toBe(gone);
    expect([api.connections, tokens.issues]).toEqual([0, 0]);
  });

  it("aborted during the wait for a token ends only this caller's wait (case 7)", async () => {
    await using api = await startServer();
    const { fetch, tokens } = authenticated([api.origin]);
    const release = Promise.withResolvers<void>();
    tokens.released = release.promise;
    const controller = new AbortController();
    const first = fetch(api.origin, { signal: controller.signal });
    const second = fetch(api.origin);
    await until(() => tokens.issues === 1);
    controller.abort(gone);
    await expect(first).rejects.toBe(gone);
    release.resolve();
    expect((await second).status).toBe(200);
    expect([api.requests.length, tokens.issues]).toEqual([1, 1]);
  });

  it("aborted during the call, during the renewal and while a body is read", async () => {
    const arrived = { hang: Promise.withResolvers<void>() };
    await using api = await startServer(async (request) => {
      if (request.target === "/hang") {
        arrived.hang.resolve();
        await new Promise(() => {});
      }
      return { status: 401 };
    });
    const { fetch, tokens } = authenticated([api.origin]);

    const during = new AbortController();
    const call = fetch(`${api.origin}/hang`, { signal: during.signal });
    await arrived.hang.promise;
    during.abort(gone);
    await expect(call).rejects.toBe(gone);

    const renewing = new AbortController();
    tokens.released = new Promise(() => {});
    const refused = fetch(`${api.origin}/refused`, { signal: renewing.signal });
    await until(() => tokens.issues === 2);
    renewing.abort(gone);
    await expect(refused).rejects.toBe(gone);
    expect(api.requests.map(({ target }) => target)).toEqual(["/hang", "/refused"]);
  });

  it("null in the init removes the Request's own signal", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([api.origin]);
    const request = new Request(api.origin, { signal: AbortSignal.abort(gone) });
    expect((await fetch(request, { signal: null })).status).toBe(200);
  });
});

describe("answers", () => {
  it("to HEAD, and with 204, 205 and 304, have no body", async () => {
    await using api = await startServer(({ target }) => ({ status: Number(target.slice(1)) }));
    const { fetch } = authenticated([api.origin], {
      isRefused: async (answer) => (await answer.readJson()) !== undefined,
    });
    expect(await (await fetch(`${api.origin}/200`, { method: "HEAD" })).text()).toBe("");
    for (const status of [204, 205, 304]) {
      const response = await fetch(`${api.origin}/${status}`);
      expect([response.status, await response.text()]).toEqual([status, ""]);
    }
    expect(api.requests.map(({ method }) => method)).toEqual(["HEAD", "GET", "GET", "GET"]);
  });

  it("that never come are the platform's own error, which holds no token", async () => {
    const { origin } = await startServer().then(async (api) => {
      await api[Symbol.asyncDispose]();
      return api;
    });
    const { fetch } = authenticated([origin]);
    await expect(fetch(origin)).rejects.toThrow(TypeError);
  });

  it("stream: the first bytes arrive before the last", async () => {
    const { promise: last, resolve: sendLast } = Promise.withResolvers<void>();
    const server = createServer(async (_, response) => {
      response.write("first");
      await last;
      response.end("last");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { fetch } = authenticated([origin]);
    const reader = (await fetch(origin)).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
    sendLast();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("last");
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("the server's clock", () => {
  const AHEAD_MS = 90_000;

  it("is learnt from the API's answers if they come from the token endpoint's host, one a second", async () => {
    let aheadMs = AHEAD_MS;
    const now = () => world.clock.wall() + aheadMs;
    await using api = await startServer(() => ({ headers: { date: new Date(now()).toUTCString() } }));
    const world = authenticated([api.origin], { tokenOrigin: api.origin });
    const lowerMs = () => world.cache.serverClock(world.source).offset(instant(world.clock))?.lowerMs;
    await world.fetch(api.origin);
    expect(lowerMs()).toBe(AHEAD_MS);
    aheadMs += 60_000;
    world.clock.advance(999);
    await world.fetch(api.origin);
    expect(lowerMs()).toBeCloseTo(AHEAD_MS, -1);
    world.clock.advance(1);
    await world.fetch(api.origin);
    expect(lowerMs()).toBe(AHEAD_MS + 60_000);
  });

  it("is not learnt if the API has another host", async () => {
    await using api = await startServer(() => ({ headers: { date: new Date(0).toUTCString() } }));
    const { fetch, cache, source, clock } = authenticated([api.origin]);
    await fetch(api.origin);
    expect(cache.serverClock(source).offset(instant(clock))).toBeUndefined();
  });
});

/** An HTTP proxy that tunnels, as a company's does, and records the targets. */
async function startProxy() {
  const tunnels: string[] = [];
  const server = createServer();
  const sockets = new Set<{ destroy(): void }>();
  server.on("connect", ({ url = "" }, client) => {
    tunnels.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a custom fetch", () => {
  it("is always called with a string and an init, redirects and resending included", async () => {
    await using api = await startServer((request) =>
      request.target === "/start" ? { status: 307, headers: { location: "/end" } } : refusingFirst(request),
    );
    const own = vi.fn<typeof globalThis.fetch>((input, init) => globalThis.fetch(input, init));
    const { fetch } = authenticated([api.origin], { fetch: own });
    const start = `${api.origin}/start`;
    await fetch(start);
    await fetch(new URL(start));
    await fetch(new Request(start, { method: "POST", body: "text" }));
    expect(own.mock.calls).toHaveLength(7);
    for (const [input, init] of own.mock.calls) {
      expect(typeof input).toBe("string");
      expect(init).toBeTypeOf("object");
      expect(init?.redirect).toBe("manual");
      expect(init?.headers).toBeInstanceOf(Array);
    }
  });

  it("works with undici's own fetch and a proxy, refusals, redirects, Requests and forms included", async () => {
    await using api = await startServer((request) =>
      request.target === "/start" ? { status: 307, headers: { location: "/end" } } : refusingFirst(request),
    );
    await using proxy = await startProxy();
    const dispatcher = new ProxyAgent({ uri: proxy.origin, proxyTunnel: true });
    const throughProxy = (input: string, init: object) => undiciFetch(input, { ...init, dispatcher });
    const { fetch, tokens } = authenticated([api.origin], {
      fetch: throughProxy as unknown as typeof globalThis.fetch,
      isRefused: async (answer) => answer.status === 401 && (await answer.readJson()) === undefined,
    });
    const start = `${api.origin}/start`;
    const response = await fetch(new Request(start, { method: "POST", body: "text" }));
    expect([response.status, await response.text()]).toEqual([200, "accepted"]);
    for (const body of [new URLSearchParams({ a: "1" }), new Uint8Array([1, 2]), new Blob(["blob"]), "text"]) {
      expect((await fetch(start, { method: "POST", body })).status).toBe(200);
    }
    const controller = new AbortController();
    const aborted = fetch(start, { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    await dispatcher.destroy();
    expect(tokens.issues).toBe(2);
    expect(new Set(proxy.tunnels)).toEqual(new Set([new URL(api.origin).host]));
    expect(api.requests.map(({ body }) => `${body}`)).toEqual([
      ...["text", "text", "text"],
      ...["a=1", "a=1", "\x01\x02", "\x01\x02", "blob", "blob", "text", "text"],
    ]);
  });
});

describe("as a standard fetch", () => {
  interface Paths {
    "/products/{id}": {
      parameters: { path: { id: number } };
      get: {
        parameters: { path: { id: number } };
        responses: { 200: { content: { "application/json": { name: string } } } };
      };
      put: {
        parameters: { path: { id: number } };
        requestBody: { content: { "application/json": { name: string } } };
        responses: { 200: { content: { "application/json": { name: string } } } };
      };
    };
  }
  const products = (request: Parameters<typeof refusingFirst>[0]) =>
    refusingFirst(request).status === 401
      ? { status: 401 }
      : { headers: { "content-type": "application/json" }, body: request.body.toString() || '{"name":"상품"}' };

  it("it has the type", () => {
    expectTypeOf(createAuthenticatedFetch).returns.toEqualTypeOf<typeof globalThis.fetch>();
  });

  it("ky accepts it", async () => {
    await using api = await startServer(products);
    const { fetch } = authenticated([api.origin]);
    const client = ky.create({ prefix: api.origin, fetch });
    expect(await client.get("products/1").json()).toEqual({ name: "상품" });
    expect(await client.put("products/1", { json: { name: "new" } }).json()).toEqual({ name: "new" });
    expect(api.tokens).toEqual(["token-1", "token-2", "token-2"]);
  });

  it("openapi-fetch accepts it", async () => {
    await using api = await startServer(products);
    const { fetch } = authenticated([api.origin]);
    const client = createClient<Paths>({ baseUrl: api.origin, fetch });
    const params = { path: { id: 1 } };
    expect((await client.PUT("/products/{id}", { params, body: { name: "new" } })).data).toEqual({ name: "new" });
    expect((await client.GET("/products/{id}", { params })).data).toEqual({ name: "상품" });
    expect(api.requests.map(({ method, target, token, body }) => [method, target, token, `${body}`])).toEqual([
      ["PUT", "/products/1", "token-1", '{"name":"new"}'],
      ["PUT", "/products/1", "token-2", '{"name":"new"}'],
      ["GET", "/products/1", "token-2", ""],
    ]);
  });
});
