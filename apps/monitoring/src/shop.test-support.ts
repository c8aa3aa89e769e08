// A shop that calls two providers all day, on virtual time, against the emulator.

import { setTimeout } from "node:timers/promises";
import { createIamportAuth } from "@x/iamport-auth";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { type EmulatedLife, type EmulatedLifeOptions, MINUTE, startEmulatedLife } from "@x/testing/emulated-life";
import type { Clock } from "@x/token-cache-core";
import { openTelemetry } from "@x/token-cache-core/opentelemetry";
import { chaosStore, memoryStore } from "@x/token-cache-core/testing";
import { seriesIn, startExporter } from "./exporter.test-support.ts";
import { Recording } from "./promtool.test-support.ts";

/** The default of `rateLimit.maxWaitMs`, and a little more. */
const LONGEST_WAIT_MS = 12_000;
const STEP_MS = 100;

export type Shop = Awaited<ReturnType<typeof startShop>>;

export async function startShop(options: EmulatedLifeOptions = {}) {
  const exporter = await startExporter();
  const { meterProvider } = exporter;
  // The life has the clock, but is started with the store.
  const clock: Clock = {
    wall: () => life.clock.wall(),
    monotonic: () => life.clock.monotonic(),
    setTimer: (...timer) => life.clock.setTimer(...timer),
  };
  const store = chaosStore(memoryStore({ clock }));
  const life: EmulatedLife = await startEmulatedLife({
    ...options,
    cache: { telemetry: openTelemetry({ meterProvider }), store },
  });
  const { emulator, cache } = life;
  const naver = createNaverCommerceAuth({ ...emulator.naver.options, cache });
  const iamport = createIamportAuth({ ...emulator.iamport.options, cache });
  const recording = new Recording();

  /** One minute of the shop's day: a call to each API. */
  async function work(): Promise<void> {
    const calls = [
      naver.fetch(`${emulator.naver.apiBaseUrl}/v1/seller/account`),
      iamport.fetch(`${emulator.iamport.apiBaseUrl}/payments/imp_448280090638`),
    ];
    const settled = Promise.allSettled(calls);
    // A call that waits for its turn needs time to pass, up to its longest wait. In small steps, since a late caller
    // loses its turn.
    for (let ms = 0; ms < LONGEST_WAIT_MS && !(await isSettledSoon(settled)); ms += STEP_MS) life.life.pass(STEP_MS);
    const outcomes = await settled;
    for (const each of outcomes) if (each.status === "fulfilled") await each.value.arrayBuffer();
    await life.life.settled();
  }

  return {
    emulator,
    store,
    recording,
    /** Lets time pass, and works at its end. */
    async later(ms: number): Promise<void> {
      life.life.pass(ms);
      await work();
    },
    /** Works once a minute, and is scraped each time. */
    async record(minutes: number): Promise<void> {
      for (let minute = 0; minute < minutes; minute++) {
        life.life.pass(MINUTE);
        await work();
        recording.add(seriesIn(await exporter.scrape()));
      }
    },
    async [Symbol.asyncDispose]() {
      await life[Symbol.asyncDispose]();
      await exporter[Symbol.asyncDispose]();
    },
  };
}

async function isSettledSoon(work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true), setTimeout(20, false)]);
}
