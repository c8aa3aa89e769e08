import { describe, expect, it, vi } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import type { Lease } from "../contract/token-store.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { Gateway, pass, passUntil, startProcess } from "./lanes.test-support.ts";

const closed = new TokenError("closed", { message: "The cache is closed.", provider: "test" });

/** A call's error, or its status. */
const endOf = (call: Promise<Response>) =>
  call.then(
    ({ status }) => ({ status }),
    (error: TokenError) => ({ code: error.code, message: error.message }),
  );

describe.each([
  ["callers wait in one queue", true],
  ["each caller waits alone", false],
])("case 66: %s", (_, sharedQueues) => {
  function world(take?: () => Promise<never>, maxWaitMs = 1_000, lease?: () => Promise<Lease>) {
    const clock = new ManualClock();
    const gateway = new Gateway(clock);
    const store = memoryStore({ clock });
    const options = { sharedQueues, maxWaitMs };
    const disturbed = { ...store, ...(take && { take }), ...(lease && { lease }) };
    return { clock, gateway, ...startProcess(clock, gateway, disturbed, options) };
  }
  const never = () => new Promise<never>(() => {});

  it("an abort ends the wait at once, though the store does not answer", async () => {
    const { clock, gateway, call } = world(never);
    const controller = new AbortController();
    const end = endOf(call("/v1/orders", { signal: controller.signal }));
    await pass(clock, 10);
    controller.abort(new Error("never mind"));
    expect(await end).toMatchObject({ message: "never mind" });
    expect(gateway.arrivals).toHaveLength(0);
  });

  it("maxWaitMs ends the wait, though the store does not answer", async () => {
    const { clock, call } = world(never);
    const end = passUntil(clock, endOf(call()));
    expect(await end).toMatchObject({ code: "rate_limited" });
    expect(clock.monotonic()).toBeLessThan(1_050);
  });

  it("a closed cache ends the wait at once, and leaves no timer", async () => {
    const { clock, gateway, call, end } = world();
    const ends = Promise.all(Array.from({ length: 4 }, () => endOf(call())));
    await pass(clock, 300);
    const sent = gateway.arrivals.length;
    end(closed);
    await pass(clock, 50);
    expect(clock.pendingTimers).toBe(0);
    expect((await ends).filter((each) => "code" in each && each.code === "closed")).toHaveLength(4 - sent);
    expect(gateway.arrivals).toHaveLength(sent);
  });

  it.each(["abort", "maxWaitMs", "close"])("%s ends the wait for a lease if the store does not answer", async (how) => {
    const { clock, gateway, call, end } = world(undefined, 1_000, never);
    const controller = new AbortController();
    const outcome = endOf(call("/v1/uploads", { signal: controller.signal }));
    await pass(clock, 10);
    if (how === "abort") controller.abort(closed);
    if (how === "close") end(closed);
    expect(await passUntil(clock, outcome)).toMatchObject({ code: how === "maxWaitMs" ? "rate_limited" : "closed" });
    expect(clock.monotonic()).toBeLessThan(how === "maxWaitMs" ? 1_050 : 50);
    expect(gateway.arrivals).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("a lease that arrives after its caller has left is released", async () => {
    const lease = Promise.withResolvers<Lease>();
    const { clock, call } = world(undefined, 1_000, () => lease.promise);
    expect(await passUntil(clock, endOf(call("/v1/uploads")))).toMatchObject({ code: "rate_limited" });
    const release = vi.fn(async () => {});
    lease.resolve({ extend: async () => true, release });
    await pass(clock, 10);
    expect(release).toHaveBeenCalledOnce();
  });

  it("a call that is refused after the cache was closed is not sent again", async () => {
    const { clock, gateway, call, end } = world(undefined, 60_000);
    gateway.override = () => new Response("{}", { status: 429 });
    const outcome = endOf(call());
    await pass(clock, 15);
    end(closed);
    expect(await passUntil(clock, outcome)).toMatchObject({ code: "closed" });
    expect(gateway.arrivals).toHaveLength(1);
  });
});

describe("case 63: turns that were reserved before a quota closed", () => {
  it("are not used when it ends: one call of all processes is the probe", async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { perSecond: 50, burst: 50 });
    const store = memoryStore({ clock });
    const processes = [1, 2, 3].map(() => startProcess(clock, gateway, store));
    for (let round = 0; round < 3; round++) {
      await passUntil(clock, Promise.all(processes.flatMap(({ call }) => [call(), call()])));
    }
    gateway.override = () => new Response("{}", { status: 429, headers: { closed: "2000" } });
    const closing = processes.map(({ call }) => call());
    await pass(clock, 1_500);
    const before = gateway.arrivals.length;
    await pass(clock, 1_000);
    expect(gateway.arrivals.length - before).toBe(1);
    gateway.override = () => undefined;
    await passUntil(clock, Promise.all(closing));
  });

  it("a probe goes out while the store is down", async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock);
    const store = memoryStore({ clock });
    const take = () => Promise.reject(new Error("Down."));
    const { call } = startProcess(clock, gateway, { ...store, take });
    gateway.override = () => new Response("{}", { status: 429, headers: { closed: "2000" } });
    const outcome = call();
    await pass(clock, 1_000);
    gateway.override = () => undefined;
    await pass(clock, 2_000);
    expect(gateway.arrivals).toHaveLength(2);
    expect((await passUntil(clock, outcome)).status).toBe(200);
  });
});

describe("case 63: a probe that is refused for its rate", () => {
  it("waits for its next turn: the wait for the probe itself is over", async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock);
    const { call } = startProcess(clock, gateway, undefined, { maxWaitMs: 3_000 });
    const refusals = [{ closed: "1000" }, {}].map((headers) => new Response("{}", { status: 429, headers }));
    gateway.override = () => refusals.shift();
    const calls = [call(), call()].map(endOf);
    expect((await passUntil(clock, Promise.all(calls)))[0]).toEqual({ status: 200 });
  });
});

describe("turns whose callers have gone", () => {
  it("are not kept in a narrow lane, or all processes would use theirs at once", async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock);
    const store = memoryStore({ clock });
    const processes = Array.from({ length: 8 }, () => startProcess(clock, gateway, store));
    for (const { call } of processes) {
      const controller = new AbortController();
      const aborted = endOf(call("/v1/orders", { signal: controller.signal }));
      controller.abort(new Error("never mind"));
      await aborted;
      await pass(clock, 600);
    }
    const answers = await passUntil(clock, Promise.all(processes.map(({ call }) => call())));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(gateway.refusals).toBe(0);
  });

  it("are lost soon where the provider may count by the second", async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { tells: false, burst: 10, latencyMs: () => 1 });
    const { call } = startProcess(clock, gateway, memoryStore({ clock }));
    const controller = new AbortController();
    const aborted = endOf(call("/v1/orders", { signal: controller.signal }));
    controller.abort(new Error("never mind"));
    await aborted;
    await pass(clock, 155);
    await passUntil(clock, Promise.all([call(), call(), call()]));
    const [first = 0, , third = 0] = gateway.arrivals.map(({ at }) => at);
    expect(third - first).toBeGreaterThan(1_000);
  });
});
