import { Agent } from "undici";
import undici from "undici/package.json" with { type: "json" };
import { afterEach, describe, expect, it, vi } from "vitest";
import { authenticated, failureOf, startServer, until } from "./loopback.test-support.ts";

/** What a custom fetch is called with, in place of a request. */
function seeingFetch() {
  const inits: RequestInit[] = [];
  const fetch: typeof globalThis.fetch = async (_, init) => {
    inits.push(init ?? {});
    return new Response("seen");
  };
  return { inits, fetch };
}

describe("an init is read once (case 46)", () => {
  it.each<[string, () => unknown]>([
    ["a String object", () => new String("follow")],
    ["an object with toString", () => ({ toString: () => "follow" })],
    ["an object with toPrimitive", () => ({ [Symbol.toPrimitive]: () => "follow" })],
  ])("a redirect mode that is %s is followed here, so another origin never sees the request", async (_, redirect) => {
    await using other = await startServer();
    await using api = await startServer(() => ({ status: 307, headers: { location: other.origin } }));
    const { fetch } = authenticated([api.origin]);
    const init = { redirect: redirect() } as RequestInit;
    expect(await failureOf(fetch(api.origin, init))).toMatchObject({ code: "origin_not_allowed" });
    expect(other.connections).toBe(0);
    expect((await globalThis.fetch(api.origin, init)).url).toContain(other.origin);
  });

  it("a getter is called once, so what was checked is what is sent", async () => {
    await using other = await startServer();
    await using api = await startServer(() => ({ status: 307, headers: { location: other.origin } }));
    const { fetch } = authenticated([api.origin]);
    const reads: string[] = [];
    const init = {};
    const values = { redirect: "manual", method: "GET", headers: { "x-own": "1" }, signal: undefined, body: undefined };
    for (const [name, value] of Object.entries(values)) {
      const get = () => {
        reads.push(name);
        return name === "redirect" && reads.filter((each) => each === name).length > 1 ? "follow" : value;
      };
      Object.defineProperty(init, name, { get, enumerable: true });
    }
    expect((await fetch(api.origin, init)).status).toBe(307);
    expect(reads.sort()).toEqual(Object.keys(values).sort());
    expect(other.connections).toBe(0);
  });

  it("a Request with a false URL is sent to its real one, or not at all", async () => {
    await using api = await startServer();
    await using other = await startServer();
    const { fetch } = authenticated([api.origin]);
    const liar = Object.defineProperty(new Request(other.origin), "url", { value: `${api.origin}/` });
    expect(await failureOf(fetch(liar))).toMatchObject({ code: "origin_not_allowed" });
    expect(other.connections).toBe(0);
  });

  it("headers are sent as they were at the call, though their owner changes them meanwhile", async () => {
    await using api = await startServer();
    const { fetch, tokens } = authenticated([api.origin]);
    const release = Promise.withResolvers<void>();
    tokens.released = release.promise;
    const headers = new Headers({ "x-own": "at the call" });
    const calls = [fetch(api.origin, { headers })];
    calls.push(fetch(new Request(api.origin, { method: "POST", body: "text" }), { headers }));
    headers.set("x-own", "later");
    await until(() => tokens.issues === 1);
    release.resolve();
    await Promise.all(calls);
    expect(api.requests.map((request) => request.headers["x-own"])).toEqual(["at the call", "at the call"]);
  });
});

describe("a polluted prototype (case 46)", () => {
  const polluted: string[] = [];
  const pollute = (name: string, value: unknown) => {
    polluted.push(name);
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
  };
  afterEach(() => {
    for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name);
  });

  it("changes no request", async () => {
    await using other = await startServer();
    await using api = await startServer(() => ({ status: 307, headers: { location: other.origin } }));
    const { fetch } = authenticated([api.origin]);
    pollute("redirect", "manual");
    pollute("method", "DELETE");
    pollute("headers", { "x-polluted": "1" });
    for (const init of [undefined, {}]) {
      expect(await failureOf(fetch(api.origin, init))).toMatchObject({ code: "origin_not_allowed" });
    }
    expect(api.requests.map(({ method, headers }) => [method, headers["x-polluted"]])).toEqual([
      ["GET", undefined],
      ["GET", undefined],
    ]);
  });

  it("adds no fetch and no header to those of createAuthenticatedFetch", async () => {
    await using api = await startServer();
    const evil = vi.fn();
    pollute("fetch", evil);
    pollute("headers", { "x-polluted": "1" });
    const { fetch } = authenticated([api.origin]);
    await fetch(api.origin);
    expect(evil).not.toHaveBeenCalled();
    expect(api.requests[0]?.headers["x-polluted"]).toBeUndefined();
  });
});

interface Dispatcher {
  dispatch(...of: unknown[]): boolean;
}

describe("what a Request asks for is sent (case 51)", () => {
  it("every member that a custom fetch can receive", async () => {
    const { inits, fetch: own } = seeingFetch();
    const { fetch } = authenticated(["https://api.test"], { fetch: own });
    const asked: RequestInit = {
      cache: "no-store",
      credentials: "omit",
      integrity: "sha256-abc",
      keepalive: true,
      mode: "same-origin",
      referrer: "https://api.test/from",
      referrerPolicy: "origin",
    };
    await fetch(new Request("https://api.test", asked));
    expect(inits[0]).toMatchObject(asked);
  });

  it("and no other member", async () => {
    const { inits, fetch: own } = seeingFetch();
    const { fetch } = authenticated(["https://api.test"], { fetch: own });
    await fetch(new Request("https://api.test"));
    expect(Object.keys(inits[0] ?? {}).sort()).toEqual(["headers", "method", "redirect", "signal"]);
  });

  it("the init's members win", async () => {
    const { inits, fetch: own } = seeingFetch();
    const { fetch } = authenticated(["https://api.test"], { fetch: own });
    await fetch(new Request("https://api.test", { cache: "no-store" }), {
      cache: "reload",
      integrity: undefined as never,
    });
    expect(inits[0]).toMatchObject({ cache: "reload" });
    expect(inits[0]).not.toHaveProperty("integrity");
  });

  it.each(["next", "cf", "dispatcher"])("%s, if the platform's Request keeps it", async (name) => {
    const { inits, fetch: own } = seeingFetch();
    const { fetch } = authenticated(["https://api.test"], { fetch: own });
    const value = { of: "the platform" };
    await fetch(Object.assign(new Request("https://api.test"), { [name]: value }));
    await fetch("https://api.test", { [name]: value });
    expect(inits).toEqual([expect.objectContaining({ [name]: value }), expect.objectContaining({ [name]: value })]);
  });

  it("a Request's own dispatcher, bodies and a second attempt included", async () => {
    await using api = await startServer(({ token }) => (token === "token-1" ? { status: 401 } : { body: "accepted" }));
    const { fetch } = authenticated([api.origin]);
    await globalThis.fetch(api.origin); // Node makes its own dispatcher at the first request.
    const nodes = (globalThis as Record<symbol, unknown>)[Symbol.for("undici.globalDispatcher.1")] as Dispatcher;
    const dispatch = vi.fn<Dispatcher["dispatch"]>((...of) => nodes.dispatch(...of));
    const dispatcher = { dispatch };
    const init = { dispatcher } as unknown as RequestInit;
    expect(await (await fetch(new Request(api.origin, { ...init, method: "POST", body: "text" }))).text()).toBe(
      "accepted",
    );
    expect(await (await fetch(new Request(api.origin, init))).text()).toBe("accepted");
    expect(await (await fetch(api.origin, init)).text()).toBe("accepted");
    expect(dispatch).toHaveBeenCalledTimes(4);
    expect(api.requests.slice(1).map(({ method, body }) => [method, `${body}`])).toEqual([
      ["POST", "text"],
      ["POST", "text"],
      ["GET", ""],
      ["GET", ""],
    ]);
  });

  it("a dispatcher of another undici than the fetch is an error that says so, and nothing is sent", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([api.origin]);
    const agent = new Agent();
    const [node = 0, installed = 0] = [process.versions["undici"], undici.version].map((version) =>
      parseInt(`${version}`, 10),
    );
    const call = fetch(api.origin, { dispatcher: agent } as unknown as RequestInit);
    if (node >= installed) {
      expect((await call).status).toBe(200);
    } else {
      const { code, message } = await failureOf(call);
      expect([code, message]).toEqual([
        "invalid_options",
        expect.stringMatching(/another version of undici.*option fetch/),
      ]);
      expect(api.requests).toEqual([]);
    }
    await agent.destroy();
  });

  it("null as the init's body keeps the Request's body, as with every fetch", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([api.origin]);
    const request = () => new Request(api.origin, { method: "POST", body: "text" });
    await fetch(request(), { body: null });
    await globalThis.fetch(request(), { body: null });
    expect(api.requests.map(({ body }) => `${body}`)).toEqual(["text", "text"]);
  });
});
