import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TokenCache } from "../cache/token-cache.ts";
import type { TokenCacheOptions } from "../cache/token-cache-options.ts";
import {
  failing,
  failureOf,
  HOUR,
  heldAnswer,
  MINUTE,
  settle,
  TestTokenSource,
} from "../cache/token-source.test-support.ts";
import type { IssueContext } from "../contract/token-source.ts";
import type { TokenStore } from "../contract/token-store.ts";
import { ManualClock, memoryStore } from "../testing/index.ts";
import { openTelemetry } from "./index.ts";
import { startContexts, startLog, startSdk } from "./sdk.test-support.ts";

let stop: () => void;
beforeEach(() => {
  stop = startContexts();
});
afterEach(() => stop());

function startCache(options: TokenCacheOptions = {}) {
  const sdk = startSdk();
  const clock = new ManualClock();
  const telemetry = openTelemetry({ meterProvider: sdk.meterProvider, tracerProvider: sdk.tracerProvider });
  const cache = new TokenCache({ clock, maxAttempts: 1, telemetry, ...options });
  const named = (name: string) => sdk.spans().filter((span) => span.name === name);
  return { ...sdk, clock, cache, named };
}

describe("a flight", () => {
  test("is a trace of its own, with a span for each token request, which is active while the request is sent", async () => {
    const { cache, named, inSpan } = startCache();
    let active: string | undefined;
    const source = new TestTokenSource({
      answer: async () => {
        await settle();
        active = trace.getActiveSpan()?.spanContext().spanId;
        return {};
      },
    });
    await inSpan(() => cache.getToken(source));
    const [flight, request, caller] = ["token_cache.flight", "token_cache.request", "caller"].map((n) => named(n)[0]);
    expect(flight?.parentSpanContext).toBeUndefined();
    expect(flight?.spanContext().traceId).not.toBe(caller?.spanContext().traceId);
    expect(request?.parentSpanContext?.spanId).toBe(flight?.spanContext().spanId);
    expect(request?.spanContext().spanId).toBe(active);
    expect(flight?.attributes).toEqual({
      "token_cache.provider": "test-provider",
      "token_cache.flight.reason": "missing",
      "token_cache.flight.background": false,
      "token_cache.flight.outcome": "issued",
    });
    expect(request?.attributes).toEqual({ "token_cache.provider": "test-provider", "server.address": "auth.test" });
    for (const { status } of [flight, request].filter((span) => span !== undefined)) {
      expect(status).toEqual({ code: SpanStatusCode.UNSET });
    }
  });

  test("needs no span of a caller", async () => {
    const log = startLog();
    const { cache, named } = startCache();
    await cache.getToken(new TestTokenSource());
    expect(named("token_cache.flight")[0]?.links).toEqual([]);
    expect(log).toEqual([]);
  });

  test("leaves the span of a caller alone that has ended", async () => {
    const log = startLog();
    const { cache, named, inSpan } = startCache();
    let call: Promise<unknown> | undefined;
    await inSpan(async () => {
      call = settle().then(() => cache.getToken(new TestTokenSource()));
    });
    expect(named("caller")).toHaveLength(1);
    await call;
    expect(named("token_cache.flight")[0]?.links).toHaveLength(1);
    expect(log).toEqual([]);
  });

  test("is linked from each caller's span, once, and knows the span that started it", async () => {
    const { cache, named, inSpan } = startCache();
    const { answer, release } = heldAnswer();
    const source = new TestTokenSource({ answer });
    const calls = [1, 2, 3].map(() =>
      inSpan(() => Promise.all(Array.from({ length: 100 }, () => cache.getToken(source)))),
    );
    release();
    await Promise.all(calls);
    const [flight] = named("token_cache.flight");
    const callers = named("caller");
    expect(named("token_cache.flight")).toHaveLength(1);
    expect(callers).toHaveLength(3);
    for (const { links } of callers) expect(links.map(({ context }) => context)).toEqual([flight?.spanContext()]);
    expect(flight?.links.map(({ context }) => context.spanId)).toEqual([callers[0]?.spanContext().spanId]);
  });

  test("in the background is linked from the call that started it; a cache hit has no span", async () => {
    const { cache, clock, named, inSpan } = startCache();
    const source = new TestTokenSource();
    await cache.getToken(source);
    await inSpan(() => cache.getToken(source));
    expect(named("caller")[0]?.links).toEqual([]);
    clock.advance(55 * MINUTE);
    await inSpan(() => cache.getToken(source));
    await settle();
    const [, background] = named("token_cache.flight");
    expect(background?.attributes).toMatchObject({
      "token_cache.flight.background": true,
      "token_cache.flight.reason": "stale",
    });
    expect(named("caller")[1]?.links.map(({ context }) => context)).toEqual([background?.spanContext()]);
  });

  test("that fails names the reason, and nothing of the answer", async () => {
    const { cache, named } = startCache();
    const answer = failing("ip_not_allowed", { providerStatus: 403, providerCode: "GW.IP", traceId: "trace-1" });
    await cache.getToken(new TestTokenSource({ answer })).catch(() => {});
    const [request] = named("token_cache.request");
    const [flight] = named("token_cache.flight");
    const status = { code: SpanStatusCode.ERROR, message: "ip_not_allowed" };
    expect(request?.status).toEqual(status);
    expect(request?.attributes).toMatchObject({
      "error.type": "ip_not_allowed",
      "http.response.status_code": 403,
      "token_cache.provider.code": "GW.IP",
      "token_cache.provider.trace_id": "trace-1",
    });
    expect(flight?.status).toEqual(status);
    expect(flight?.attributes).toMatchObject({
      "token_cache.flight.outcome": "failed",
      "error.type": "ip_not_allowed",
    });
  });

  test.each([
    ["another error", new Error("canary")],
    ["nothing", undefined],
  ])("whose source throws %s fails, and shows nothing of it", async (_, thrown) => {
    const { cache, named, read } = startCache();
    await cache.getToken(new TestTokenSource({ answer: () => Promise.reject(thrown) })).catch(() => {});
    const [request] = named("token_cache.request");
    expect(request?.status).toEqual({ code: SpanStatusCode.ERROR, message: "_OTHER" });
    expect(request?.attributes).toEqual({
      "token_cache.provider": "test-provider",
      "server.address": "auth.test",
      "error.type": "_OTHER",
    });
    expect(request?.events).toEqual([]);
    expect(await read("request.duration")).toEqual({ "test-provider _OTHER": 1 });
    expect(named("token_cache.flight")[0]?.status.message).toBe("invalid_response");
  });

  test("whose token ends while the machine sleeps fails like the one that replaces it", async () => {
    const clock = new ManualClock();
    const store: TokenStore = { ...memoryStore({ clock }), set: async () => clock.stepWall(2 * HOUR) };
    const { cache, named } = startCache({ clock, store });
    const fails = failing("network");
    const answer = (nth: number, context: IssueContext) => (nth === 1 ? {} : fails(nth, context));
    await failureOf(cache.getToken(new TestTokenSource({ answer })));
    const flights = named("token_cache.flight");
    expect(flights.map(({ attributes }) => attributes["token_cache.flight.outcome"])).toEqual(["failed", "issued"]);
    expect(flights.map(({ status }) => status.message)).toEqual(["network", "network"]);
  });

  test("that ends with the cache ends its spans", async () => {
    const { cache, named } = startCache();
    const { answer } = heldAnswer();
    const call = cache.getToken(new TestTokenSource({ answer })).catch(() => {});
    await settle();
    await cache.close();
    await call;
    await settle();
    expect(named("token_cache.request")[0]?.status.message).toBe("closed");
    expect(named("token_cache.flight")[0]?.status.message).toBe("closed");
  });

  test("does not run in its caller's context, and has neither its baggage nor its trace", async () => {
    const { cache } = startCache();
    const key = Symbol("a caller's own");
    let seen: unknown = "nothing";
    const source = new TestTokenSource({
      answer: () => {
        seen = context.active().getValue(key);
        return {};
      },
    });
    await context.with(context.active().setValue(key, "secret"), () => cache.getToken(source));
    expect(seen).toBeUndefined();
  });
});
