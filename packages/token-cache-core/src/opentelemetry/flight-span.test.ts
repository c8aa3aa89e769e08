import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TokenCache } from "../cache/token-cache.ts";
import type { TokenCacheOptions } from "../cache/token-cache-options.ts";
import { failing, heldAnswer, MINUTE, settle, TestTokenSource } from "../cache/token-source.test-support.ts";
import { ManualClock } from "../testing/index.ts";
import { openTelemetry } from "./index.ts";
import { startContexts, startSdk } from "./sdk.test-support.ts";

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
    expect(flight?.attributes).toMatchObject({ "token_cache.flight.outcome": "failed" });
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
