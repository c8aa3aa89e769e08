import { describe, expect, it } from "vitest";
import type { RateLimitRules } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import { authenticated, failureOf, type Received, type Reply, startServer, until } from "./loopback.test-support.ts";

const SECOND = 1_000;

/** An order's page takes one call in ten seconds, and all other pages together one in two. */
const rules: RateLimitRules = {
  laneOf({ url: { pathname } }) {
    if (pathname === "/orders/1") return { name: "order", limit: { perSecond: 1 / 10, burst: 1 } };
    return { name: "others", limit: { perSecond: 1 / 2, burst: 1 } };
  },
  read: ({ headers }) => (headers.has("closed") ? { closedForMs: 3_600 * SECOND } : undefined),
  refusal: () => undefined,
};

/** A server and a fetch that waits 5 s at most. */
async function world(reply: (request: Received) => Reply, maxWaitMs = 5 * SECOND) {
  const api = await startServer(reply);
  const client = authenticated([api.origin], {
    rateLimit: { rules, maxWaitMs, resendAnyMethod: false, application: () => "application" },
  });
  const call = (path: string, init?: RequestInit) => client.fetch(`${api.origin}${path}`, init);
  return {
    ...client,
    call,
    api,
    /** Lets time pass until the call has ended, for some seconds at most. */
    async within(seconds: number, outcome: Promise<unknown>) {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      outcome.then(settle, settle);
      for (let passed = 0; passed < seconds * SECOND && !isSettled; passed += 50) {
        client.clock.advance(50);
        for (let turn = 0; turn < 20 && !isSettled; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      await client.cache.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

it("a call's lane is chosen by its method in capitals, as the caller may write it small", async () => {
  const methods: string[] = [];
  await using api = await startServer();
  const { fetch } = authenticated([api.origin], {
    rateLimit: {
      rules: {
        laneOf({ method }) {
          methods.push(method);
          return { name: "all", limit: undefined };
        },
        refusal: () => undefined,
      },
      maxWaitMs: SECOND,
      resendAnyMethod: false,
      application: () => "application",
    },
  });
  for (const method of ["post", "pUT", "DELETE"]) await fetch(api.origin, { method });
  expect(methods).toEqual(["POST", "PUT", "DELETE"]);
});

const sentTo = ({ requests }: { readonly requests: readonly Received[] }, method: string) =>
  requests.filter((request) => request.method === method).map(({ target }) => target);

/** An order is taken, and the answer leads to it. */
const taken: Reply = { status: 303, headers: { location: "/orders/1", "x-order": "1" }, body: "taken" };

describe("a call whose redirect gets no turn in time (case 66)", () => {
  const reply = ({ method }: Received): Reply => (method === "POST" ? taken : {});

  it("returns the redirect: rate_limited would say that nothing was sent", async () => {
    await using here = await world(reply);
    await here.call("/orders/1");
    const order = here.call("/orders", { method: "POST", body: "{}" });
    await until(() => sentTo(here.api, "POST").length === 1);
    await here.within(7, order);
    const response = await order;
    expect([response.status, response.headers.get("x-order"), await response.text()]).toEqual([303, "1", "taken"]);
    expect(sentTo(here.api, "POST")).toEqual(["/orders"]);
  });

  it("returns the redirect at once while the quota is used up", async () => {
    await using here = await world((request) =>
      request.method === "POST" ? { ...taken, headers: { ...taken.headers, closed: "1" } } : {},
    );
    const response = await here.call("/orders", { method: "POST", body: "{}" });
    expect(response.status).toBe(303);
    expect(await failureOf(here.call("/orders"))).toMatchObject({ code: "quota_exhausted", retryable: true });
    expect(here.api.requests).toHaveLength(1);
  });

  it.each(["abort", "close"])("ends at once at an %s, and with no error that says it may be repeated", async (how) => {
    await using here = await world(reply, 20 * SECOND);
    await here.call("/orders/1");
    const controller = new AbortController();
    const reason = new TokenError("closed", { message: "The caller has gone." });
    const order = failureOf(here.call("/orders", { method: "POST", body: "{}", signal: controller.signal }));
    await until(() => sentTo(here.api, "POST").length === 1);
    await here.within(1, order);
    if (how === "abort") controller.abort(reason);
    else await here.cache.close();
    expect(await order).toMatchObject({ code: "closed", retryable: false });
    expect(sentTo(here.api, "POST")).toHaveLength(1);
  });

  it("returns the redirect's answer where its token is refused and there is no other one", async () => {
    await using here = await world(({ method }) => (method === "POST" ? taken : { status: 401, body: "refused" }));
    await here.cache.getToken(here.source);
    Object.assign(here.source, {
      issue: async () => {
        throw new TokenError("provider_unavailable", { message: "Down.", retryAfterMs: 60_000 });
      },
    });
    const order = here.call("/orders", { method: "POST", body: "{}" });
    await here.within(120, order);
    const response = await order;
    expect([response.status, await response.text()]).toEqual([401, "refused"]);
    expect(sentTo(here.api, "POST")).toHaveLength(1);
  });
});

describe("the waits of one call together last maxWaitMs at most (case 66)", () => {
  it("its own and those of its redirects", async () => {
    await using here = await world(({ target }) => ({
      status: 307,
      headers: { location: `${Number(target.slice(1)) + 1}` },
    }));
    const call = here.call("/1");
    await here.within(60, call);
    expect((await call).status).toBe(307);
    expect(here.api.requests.map(({ target }) => target)).toEqual(["/1", "/2", "/3"]);
    expect(here.clock.monotonic()).toBeLessThan(6 * SECOND);
  });

  it("its own and that of the same request with another token: the refusal is the answer", async () => {
    await using here = await world(({ token }) => (token === "token-1" ? { status: 401, body: "refused" } : {}), 800);
    const call = here.call("/orders", { method: "POST", body: "{}" });
    await here.within(10, call);
    const response = await call;
    expect([response.status, await response.text()]).toEqual([401, "refused"]);
    expect(here.clock.monotonic()).toBeLessThan(SECOND);
    expect(here.tokens.issues).toBe(2);
    expect(here.api.requests).toHaveLength(1);
  });
});
