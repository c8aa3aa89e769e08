import { describe, expect, it } from "vitest";
import type { TokenError } from "../contract/token-error.ts";
import { chaosStore } from "../testing/chaos-store.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { Gateway, pass, passUntil, startProcess } from "./lanes.test-support.ts";

function world(
  options: ConstructorParameters<typeof Gateway>[1] = {},
  pacing: Parameters<typeof startProcess>[3] = {},
) {
  const clock = new ManualClock();
  const gateway = new Gateway(clock, options);
  return { clock, gateway, ...startProcess(clock, gateway, undefined, pacing) };
}

const refused = (headers: Record<string, string> = {}) => new Response("{}", { status: 429, headers });

/** A call's error. */
async function failureOf(clock: ManualClock, call: Promise<unknown>): Promise<TokenError> {
  return await passUntil(
    clock,
    call.then(
      () => expect.unreachable("the call should fail"),
      (error: TokenError) => error,
    ),
  );
}

describe("a call", () => {
  it("is sent at once if there is room, and else at its turn", async () => {
    const { clock, gateway, call, events } = world();
    await passUntil(clock, Promise.all(Array.from({ length: 9 }, () => call())));
    const gaps = gateway.arrivals.slice(1).map(({ at }, index) => at - (gateway.arrivals[index]?.at ?? 0));
    expect(gateway.arrivals[0]?.at).toBeLessThan(50);
    for (const gap of gaps.slice(2)) expect(gap).toBeCloseTo(500, -1);
    expect(gateway.refusals).toBe(0);
    expect(events.filter(({ type }) => type === "call_waited")).toHaveLength(8);
  });

  it("of another route does not wait for this one's", async () => {
    const { clock, gateway, call } = world();
    await passUntil(
      clock,
      Promise.all(["/v1/orders", "/v1/sellers", "/v1/sellers/7", "/v1/orders/7"].map((path) => call(path))),
    );
    expect(clock.monotonic()).toBeLessThan(200);
    expect(gateway.arrivals).toHaveLength(4);
  });

  it("case 66: ends at once when its caller aborts, with nothing sent, and the others continue", async () => {
    const { clock, gateway, call } = world();
    const controller = new AbortController();
    const first = call("/v1/orders");
    const aborted = call("/v1/orders", { signal: controller.signal });
    const last = call("/v1/orders");
    await pass(clock, 100);
    controller.abort(new Error("never mind"));
    await expect(aborted).rejects.toThrow("never mind");
    await passUntil(clock, Promise.all([first, last]));
    expect(gateway.arrivals).toHaveLength(2);
    await expect(call("/v1/orders", { signal: controller.signal })).rejects.toThrow("never mind");
  });

  it("case 66: waits for maxWaitMs at most, and is then not sent", async () => {
    const { clock, gateway, call } = world({}, { maxWaitMs: 1_200 });
    const calls = Array.from({ length: 6 }, () => call());
    const failures = Promise.all(
      calls.map((each) =>
        each.then(
          () => undefined,
          (error: TokenError) => error,
        ),
      ),
    );
    const failed = (await passUntil(clock, failures)).filter((error) => error !== undefined);
    expect(clock.monotonic()).toBeLessThan(1_300);
    expect(gateway.arrivals.length + failed.length).toBe(6);
    expect(failed[0]).toMatchObject({ code: "rate_limited", retryable: true, provider: "test" });
    expect(failed[0]?.message).toMatch(/no turn in time and was not sent.*maxWaitMs/);
  });
});

it("no second holds more calls than the limit if the counting is unknown, though calls pile up", async () => {
  const clock = new ManualClock();
  // The first calls open connections, so they arrive together with later ones.
  const latencyMs = () => (clock.monotonic() < 50 ? 50 - clock.monotonic() : 0);
  const gateway = new Gateway(clock, { perSecond: 1_000, burst: 1_000, tells: false, latencyMs });
  const { call } = startProcess(clock, gateway);
  await passUntil(clock, Promise.all(Array.from({ length: 300 }, () => call("/v1/uncounted"))));
  const times = gateway.arrivals.map(({ at }) => at).sort((a, b) => a - b);
  const inASecond = times.map((from, index) => times.slice(index).filter((at) => at < from + 1_000).length);
  expect(Math.max(...inASecond)).toBeLessThanOrEqual(50);
  expect(clock.monotonic()).toBeLessThan(7_200);
});

describe("what a lane learns", () => {
  it("replaces the documented limit by that of the headers", async () => {
    const { clock, gateway, call, events } = world({ perSecond: 40, burst: 40 });
    await passUntil(clock, Promise.all(Array.from({ length: 80 }, () => call())));
    expect(clock.monotonic()).toBeLessThan(3_000);
    expect(gateway.refusals).toBe(0);
    const learnt = events.filter(({ type }) => type === "limit_learnt");
    expect(learnt).toEqual([expect.objectContaining({ lane: "GET /v1/orders", perSecond: 40, burst: 40 })]);
  });

  it("case 62: after a refusal that no header explains, the lane slows down for a while, and no call fails", async () => {
    const { clock, gateway, call, events } = world({ perSecond: 20, burst: 20, tells: false });
    let arrivedInSecond: number[] = [];
    gateway.override = () => {
      const now = clock.monotonic();
      arrivedInSecond = arrivedInSecond.filter((at) => now - at < 1_000);
      if (arrivedInSecond.length >= 1) return refused();
      arrivedInSecond.push(now);
      return new Response("{}");
    };
    const answers = await passUntil(clock, Promise.all(Array.from({ length: 20 }, () => call())), 20);
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(gateway.refusals).toBeGreaterThan(0);
    expect(gateway.refusals).toBeLessThan(20);
    expect(events).toContainEqual(expect.objectContaining({ type: "call_refused", status: 429 }));
    gateway.override = () => undefined;
    await pass(clock, 61_000, 500);
    const from = clock.monotonic();
    await passUntil(clock, Promise.all(Array.from({ length: 19 }, () => call())), 20);
    expect(clock.monotonic() - from).toBeLessThan(11_000);
  });

  it("makes a call wait for Retry-After, and returns the refusal if that is too long", async () => {
    const { clock, gateway, call } = world({}, { maxWaitMs: 5_000 });
    let retryAfter = 3;
    gateway.override = () => (gateway.refusals === 0 ? refused({ "retry-after": String(retryAfter) }) : undefined);
    expect((await passUntil(clock, call())).status).toBe(200);
    expect(clock.monotonic()).toBeGreaterThan(3_000);
    retryAfter = 3_600;
    gateway.override = () => refused({ "retry-after": String(retryAfter) });
    const from = clock.monotonic();
    expect((await passUntil(clock, call("/v1/others"))).status).toBe(429);
    expect(clock.monotonic() - from).toBeLessThan(1_000);
  });

  it.each([
    ["a GET", { method: "GET" }, { "perhaps-processed": "1" }, false, 200],
    ["a POST that was not processed", { method: "POST" }, {}, false, 200],
    ["a POST that may have been processed", { method: "POST" }, { "perhaps-processed": "1" }, false, 429],
    ["a POST that may have been processed, by option", { method: "POST" }, { "perhaps-processed": "1" }, true, 200],
    ["a streamed body", { method: "POST", canResend: false }, {}, true, 429],
  ])(
    "after the refusal of %s, sends again only what may be sent again",
    async (_, how, headers, resendAnyMethod, status) => {
      const { clock, gateway, call } = world({}, { resendAnyMethod });
      gateway.override = () => (gateway.refusals === 0 ? refused({ "retry-after": "1", ...headers }) : undefined);
      expect((await passUntil(clock, call("/v1/orders", how))).status).toBe(status);
      expect(gateway.arrivals).toHaveLength(status === 200 ? 2 : 1);
    },
  );
});

describe("case 63: an exhausted quota", () => {
  it.each([
    ["alone", false],
    ["in all processes that share a store", true],
  ])("closes all lanes of the application %s, with one event and one error, but for one probe", async (_, isShared) => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock);
    const store = isShared ? memoryStore({ clock }) : undefined;
    const here = startProcess(clock, gateway, store, { maxWaitMs: 10_000 });
    const there = isShared ? startProcess(clock, gateway, store, { maxWaitMs: 10_000 }) : here;
    let isExhausted = true;
    gateway.override = () => (isExhausted ? refused({ closed: "3600000", "retry-after": "0" }) : undefined);

    const error = await failureOf(clock, here.call());
    expect(error).toMatchObject({ code: "quota_exhausted", message: "The quota is used up." });
    expect(error.retryAfterMs).toBeGreaterThan(3_590_000);
    await pass(clock, 100);
    for (const { call } of [here, there]) {
      for (const path of ["/v1/orders", "/v1/sellers"]) {
        expect((await failureOf(clock, call(path))).code).toBe("quota_exhausted");
      }
    }
    expect(gateway.arrivals).toHaveLength(1);
    expect(here.events.filter(({ type }) => type === "lanes_closed")).toHaveLength(1);

    // The probe finds it still exhausted, the next one an hour later does not.
    await pass(clock, 3_600_000, 20_000);
    const probes = [here, there, here, there].map(({ call }) => failureOf(clock, call()));
    expect((await passUntil(clock, Promise.all(probes))).every(({ code }) => code === "quota_exhausted")).toBe(true);
    expect(gateway.arrivals).toHaveLength(2);
    isExhausted = false;
    await pass(clock, 3_600_000, 20_000);
    const answers = await passUntil(clock, Promise.all([here, there, here, there].map(({ call }) => call())));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(here.events.filter(({ type }) => type === "lanes_opened")).toHaveLength(1);
  });
});

describe("case 64: uploads that must come one at a time", () => {
  it.each([
    ["in one process", 1],
    ["in processes that share a store", 3],
  ])("are serial %s", async (_, processes) => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { perSecond: 50, burst: 50, latencyMs: () => 150 });
    const store = memoryStore({ clock });
    const all = Array.from({ length: processes }, () => startProcess(clock, gateway, store));
    await passUntil(clock, Promise.all(all.flatMap(({ call }) => [call("/v1/uploads"), call("/v1/uploads")])));
    const gaps = gateway.arrivals.slice(1).map(({ at }, index) => at - (gateway.arrivals[index]?.at ?? 0));
    expect(gaps).toHaveLength(processes * 2 - 1);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(300);
  });
});

describe("one at a time is a store account's own limit:", () => {
  it("another account's uploads go meanwhile", async () => {
    const { clock, gateway, call } = world({ perSecond: 50, burst: 50, latencyMs: () => 150 });
    await passUntil(clock, call("/v1/uploads"));
    const from = clock.monotonic();
    const uploads = ["kim", "lee", "kim", "lee"].map((identity) => call("/v1/uploads", { identity }));
    await passUntil(clock, Promise.all(uploads));
    expect(gateway.arrivals.slice(1).map(({ at }) => Math.floor((at - from) / 300))).toEqual([0, 0, 1, 1]);
  });

  it("an upload that waits for too long, or whose caller aborts, is not sent, and the next one is", async () => {
    const { clock, gateway, call } = world({ perSecond: 50, burst: 50, latencyMs: () => 400 }, { maxWaitMs: 500 });
    const controller = new AbortController();
    const first = call("/v1/uploads");
    const late = failureOf(clock, call("/v1/uploads", { signal: controller.signal }));
    const tooLate = failureOf(clock, call("/v1/uploads"));
    await pass(clock, 100);
    controller.abort(new Error("never mind"));
    expect(await late).toMatchObject({ message: "never mind" });
    expect(await tooLate).toMatchObject({ code: "rate_limited", message: expect.stringContaining("was not sent") });
    await passUntil(clock, first);
    expect(gateway.arrivals).toHaveLength(1);
    await passUntil(clock, call("/v1/uploads"));
    expect(gateway.arrivals).toHaveLength(2);
  });

  it("continues without the store, and when the holder's process dies", async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { perSecond: 50, burst: 50 });
    const store = memoryStore({ clock });
    // Another process holds the lease and never ends it.
    await store.lease?.("test:https://api.test:0123 GET /v1/uploads seller", 3_000);
    const { call } = startProcess(clock, gateway, store);
    await passUntil(clock, call("/v1/uploads"));
    expect(clock.monotonic()).toBeGreaterThanOrEqual(3_000);
    expect(clock.monotonic()).toBeLessThan(3_300);
  });
});

describe("on Workers, where no request may wait for what another one does,", () => {
  const workers = { sharedQueues: false };

  it("calls keep the limit by their own timers", async () => {
    const { clock, gateway, call } = world({}, workers);
    await passUntil(clock, Promise.all(Array.from({ length: 9 }, () => call())));
    expect(gateway.refusals).toBe(0);
    expect(gateway.arrivals).toHaveLength(9);
    expect(clock.monotonic()).toBeLessThan(6_000);
  });

  it("a call that would wait for too long, or whose caller aborts, is not sent", async () => {
    const { clock, gateway, call } = world({}, { ...workers, maxWaitMs: 700 });
    const controller = new AbortController();
    const sent = [call(), call()];
    await pass(clock, 10);
    const aborted = failureOf(clock, call("/v1/orders", { signal: controller.signal }));
    controller.abort(new Error("never mind"));
    expect(await aborted).toMatchObject({ message: "never mind" });
    const late = await failureOf(clock, Promise.all(Array.from({ length: 4 }, () => call())));
    expect(late).toMatchObject({ code: "rate_limited" });
    await passUntil(clock, Promise.all(sent));
    expect(gateway.refusals).toBe(0);
  });

  it("uploads of one account do not overlap, and an exhausted quota stops all calls", async () => {
    const { clock, gateway, call } = world({ perSecond: 50, burst: 50, latencyMs: () => 150 }, workers);
    await passUntil(clock, Promise.all([call("/v1/uploads"), call("/v1/uploads"), call("/v1/uploads")]));
    const gaps = gateway.arrivals.slice(1).map(({ at }, index) => at - (gateway.arrivals[index]?.at ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(300);
    gateway.override = () => refused({ closed: "3600000" });
    expect(await failureOf(clock, call())).toMatchObject({ code: "quota_exhausted" });
    expect(await failureOf(clock, call("/v1/others"))).toMatchObject({ code: "quota_exhausted" });
    expect(gateway.arrivals).toHaveLength(4);
  });
});

describe("slow callers in a wide lane", () => {
  it("keep some reserved turns, so that not every call asks the store", { tags: ["slow"] }, async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { perSecond: 50, burst: 50 });
    const chaos = chaosStore(memoryStore({ clock }));
    const processes = Array.from({ length: 8 }, () => startProcess(clock, gateway, chaos));
    await passUntil(clock, Promise.all(processes.map(({ call }) => call())));
    const before = chaos.calls.take;
    for (let round = 0; round < 20; round++) {
      const calls = Promise.all(processes.map(({ call }) => call()));
      await pass(clock, 300);
      await calls;
    }
    expect(chaos.calls.take - before).toBeLessThan(20 * 8 * 0.6);
    // All kept turns together, and a flood: still no refusal.
    await passUntil(clock, Promise.all(processes.flatMap(({ call }) => Array.from({ length: 40 }, () => call()))));
    expect(gateway.refusals).toBe(0);
  });
});

describe("case 65: one seller floods", () => {
  it("and each of the others gets its turn", async () => {
    const { clock, call } = world({ perSecond: 20, burst: 20 });
    await passUntil(clock, call());
    for (let i = 0; i < 1_000; i++) call("/v1/orders", { identity: "flood" }).catch(() => {});
    await pass(clock, 100);
    const from = clock.monotonic();
    const waits = Array.from({ length: 40 }, async (_, seller) => {
      await call("/v1/orders", { identity: `seller ${seller}` });
      return clock.monotonic() - from;
    });
    const sorted = (await passUntil(clock, Promise.all(waits))).sort((a, b) => a - b);
    // A fair share: 41 identities, 20 calls a second.
    expect(sorted[20]).toBeLessThan(((1_000 / 20) * 41 * 1.2) / 2 + 100);
    expect(sorted[39]).toBeLessThan((1_000 / 20) * 42 * 1.2);
  });
});

describe("case 67: the store fails while lanes are shared", () => {
  it("each process continues within its share, and joins again", { tags: ["slow"] }, async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { perSecond: 20, burst: 20 });
    const store = memoryStore({ clock });
    let isDown = false;
    const failing = {
      ...store,
      take: (...of: Parameters<NonNullable<typeof store.take>>) =>
        isDown ? Promise.reject(new Error("Down.")) : (store.take?.(...of) ?? Promise.reject(new Error("No lanes."))),
    };
    const all = Array.from({ length: 8 }, () => startProcess(clock, gateway, failing));
    const calls = Promise.all(all.flatMap(({ call }) => Array.from({ length: 150 }, () => call())));
    await pass(clock, 20_000);
    isDown = true;
    await pass(clock, 20_000);
    isDown = false;
    expect((await passUntil(clock, calls)).every(({ ok }) => ok)).toBe(true);

    const perSecond = Array.from({ length: 39 }, (_, second) => {
      const [from, to] = [second * 1_000 + 1_000, second * 1_000 + 2_000];
      return gateway.arrivals.filter(({ at }) => at >= from && at < to).length;
    });
    // By at most one second's allowance, and by much less in most seconds.
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(40);
    expect(perSecond.slice(20).reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(20 * 20);
    expect(perSecond.slice(20).reduce((sum, each) => sum + each, 0)).toBeGreaterThan(20 * 19 * 0.7);
    expect(gateway.refusals).toBe(0);
  });
});
