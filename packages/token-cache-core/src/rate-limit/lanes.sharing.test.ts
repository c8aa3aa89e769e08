import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { Gateway, passUntil, startProcess } from "./lanes.test-support.ts";

const URL = "https://api.test/v1/orders";

/** Sends calls from several processes, all at once. Returns how many calls a second were answered. */
async function callAll(processes: number, callsOfEach: number, gateway: Gateway, clock: ManualClock, stepMs = 5) {
  const store = memoryStore({ clock });
  const all = Array.from({ length: processes }, () => startProcess(clock, gateway, store, { maxWaitMs: 3_600_000 }));
  const from = clock.monotonic();
  const calls = all.flatMap(({ call }) => Array.from({ length: callsOfEach }, () => call()));
  const answers = await passUntil(clock, Promise.all(calls), stepMs);
  expect(answers.every(({ ok }) => ok)).toBe(true);
  return (answers.length * 1_000) / (clock.monotonic() - from);
}

describe("case 60: 8 processes share an application's limit", { tags: ["slow"] }, () => {
  it.each([
    ["2 a second", { perSecond: 2, burst: 2 }, 25],
    [
      "2 a second, with latencies of up to half a second",
      { perSecond: 2, burst: 2, latencyMs: () => Math.random() * 250 },
      25,
    ],
    ["20 a second", { perSecond: 20, burst: 20 }, 50],
    ["50 a second, in blocks", { perSecond: 50, burst: 50 }, 100],
  ])("%s: no refusal, and at least 95 percent of the allowance", async (_, options, callsOfEach) => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, options);
    const perSecond = await callAll(8, callsOfEach, gateway, clock);
    expect(gateway.refusals).toBe(0);
    expect(perSecond).toBeGreaterThan(options.perSecond * 0.95);
  });
});

describe("case 61: another system spends half of the allowance", { tags: ["slow"] }, () => {
  it.each([
    ["2 a second", { perSecond: 2, burst: 2 }],
    ["2 a second with a larger burst", { perSecond: 2, burst: 4 }],
    ["20 a second", { perSecond: 20, burst: 20 }],
  ])("%s: at most 2 percent are refused, and all calls succeed", async (_, options) => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, options);
    const spend = () => {
      gateway.spend(URL);
      clock.setTimer(spend, (2_000 / options.perSecond) * (0.5 + Math.random()));
    };
    spend();
    await callAll(8, 50, gateway, clock, 20);
    expect(gateway.refusals).toBeLessThanOrEqual(gateway.arrivals.length * 0.02);
  });
});
