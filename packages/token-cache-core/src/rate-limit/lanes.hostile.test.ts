import { describe, expect, it } from "vitest";
import type { TokenError } from "../contract/token-error.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { Gateway, pass, passUntil, startProcess } from "./lanes.test-support.ts";

const SECOND = 1_000;

describe.each([
  ["callers wait in one queue", true],
  ["each caller waits alone", false],
])("a gateway that answers nonsense, where %s:", (_, sharedQueues) => {
  function world(latencyMs = 1) {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { latencyMs: () => latencyMs });
    return { clock, gateway, ...startProcess(clock, gateway, undefined, { sharedQueues, maxWaitMs: 2 * SECOND }) };
  }
  const refusing = (headers: Record<string, string>) => () => new Response("{}", { status: 429, headers });
  const failureOf = (call: Promise<Response>) =>
    call.then(
      () => expect.unreachable("the call should fail"),
      (error: TokenError) => error,
    );

  it.each([
    ["/v1/unlimited", { "retry-after": "0" }],
    ["/v1/unlimited", { "retry-after": "0.003" }],
    ["/v1/unlimited", { remaining: "0" }],
    ["/v1/uncounted", { "retry-after": "0" }],
  ])("refusals without a pause cost a few requests, not hundreds: %s, %o", async (path, headers) => {
    const { clock, gateway, call } = world();
    gateway.override = refusing(headers);
    expect((await passUntil(clock, call(path))).status).toBe(429);
    expect(clock.monotonic()).toBeLessThan(2.1 * SECOND);
    expect(gateway.arrivals.length).toBeLessThan(8);
  });

  it("the time of requests that are sent again counts as waiting", async () => {
    const { clock, gateway, call } = world(300);
    gateway.override = refusing({ "retry-after": "0.6" });
    expect((await passUntil(clock, call("/v1/uncounted"))).status).toBe(429);
    expect(gateway.arrivals).toHaveLength(3);
    expect(clock.monotonic()).toBeLessThan(3.1 * SECOND);
  });

  it("a call whose turn is known to come too late fails at once, and says when to call again", async () => {
    const { clock, gateway, call } = world();
    gateway.override = refusing({ "retry-after": "60" });
    expect((await passUntil(clock, call())).status).toBe(429);
    const from = clock.monotonic();
    const error = await passUntil(clock, failureOf(call()));
    const second = await passUntil(clock, failureOf(call()));
    expect(clock.monotonic() - from).toBeLessThan(50);
    for (const { code, retryAfterMs = 0 } of [error, second]) {
      expect(code).toBe("rate_limited");
      expect(retryAfterMs).toBeGreaterThan(59 * SECOND);
      expect(retryAfterMs).toBeLessThan(62 * SECOND);
    }
    gateway.override = () => undefined;
    await pass(clock, 60 * SECOND, 100);
    expect((await passUntil(clock, call())).status).toBe(200);
  });

  it.each([
    [{ rate: "1", burst: "1000000000000", remaining: "0" }],
    [{ rate: "0.0000000001", burst: "1", remaining: "0" }],
    [{ rate: "5e-324", burst: "1", remaining: "0" }],
  ])("a lane is not dead after %o", async (headers) => {
    const { clock, gateway, call } = world();
    gateway.override = () => new Response("{}", { headers });
    await passUntil(clock, call());
    gateway.override = () => undefined;
    await pass(clock, 60 * SECOND, 100);
    expect((await passUntil(clock, call())).status).toBe(200);
  });

  it("a rate that no gateway has does not end the limit", async () => {
    const { clock, gateway, call } = world();
    gateway.override = () => new Response("{}", { headers: { rate: "1e308", burst: "1e308" } });
    await passUntil(clock, call());
    const from = clock.monotonic();
    await passUntil(clock, Promise.all([call(), call(), call()]));
    expect(clock.monotonic() - from).toBeGreaterThan(SECOND);
  });
});
