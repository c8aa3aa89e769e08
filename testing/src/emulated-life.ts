// An emulator and a cache whose time passes only when the test says so.

import { type EmulatorOptions, type Endpoint, type Provider, startEmulator } from "@x/commerce-auth-emulator";
import { TokenCache, type TokenCacheOptions, TokenError, type TokenEvent } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import { VirtualLife } from "./virtual-life.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Not a whole second, as real moments are. */
export const START = Date.UTC(2026, 10, 15, 3, 33, 20, 123);

export interface EmulatedLifeOptions extends Pick<EmulatorOptions, Provider | "dateHeader"> {
  /** How far the client's clock is ahead of the server's at the start. */
  readonly clientAheadMs?: number;
  readonly cache?: TokenCacheOptions;
}

export type EmulatedLife = Awaited<ReturnType<typeof startEmulatedLife>>;

/** Starts the emulator at {@link START}, and a cache on the same time. */
export async function startEmulatedLife({
  clientAheadMs = 0,
  cache: cacheOptions,
  ...rules
}: EmulatedLifeOptions = {}) {
  const emulator = await startEmulator({ ...rules, clock: { startAt: START, frozen: true } });
  const clock = new ManualClock({ startAt: START + clientAheadMs });
  const life = new VirtualLife<TokenEvent>(clock, emulator.clock);
  const cache = new TokenCache({ clock, observer: life.observer, ...cacheOptions });
  return {
    emulator,
    clock,
    life,
    cache,
    /** The API's status for a token, asked by a client of its own. */
    async statusOf(url: string, token: { readonly value: string }): Promise<number> {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token.value}` } });
      await response.body?.cancel();
      return response.status;
    },
    async [Symbol.asyncDispose]() {
      await cache.close();
      await emulator.close();
    },
  };
}

/** The `TokenError` that a call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<TokenError> {
  const outcome = await call.catch((error: unknown) => error);
  if (TokenError.is(outcome)) return outcome;
  throw new Error("a TokenError was expected", { cause: outcome });
}

/** Lets time pass in steps while all clients ask for tokens. Counts each step's token requests, up to a total. */
export async function requestsPerStep(
  { emulator, life }: Pick<EmulatedLife, "emulator" | "life">,
  clients: readonly { getToken(): Promise<unknown> }[],
  { endpoint, stepMs, total }: { endpoint: Endpoint; stepMs: number; total: number },
): Promise<number[]> {
  const perStep: number[] = [];
  while (emulator.requestCount(endpoint) < total) {
    const before = emulator.requestCount(endpoint);
    life.pass(stepMs);
    await Promise.all(clients.map((client) => client.getToken()));
    await life.settled();
    perStep.push(emulator.requestCount(endpoint) - before);
  }
  return perStep;
}
