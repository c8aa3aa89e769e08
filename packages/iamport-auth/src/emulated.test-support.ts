import { type EmulatorOptions, startEmulator } from "@x/commerce-auth-emulator";
import { VirtualLife } from "@x/testing/virtual-life";
import { type AccessToken, TokenCache, type TokenCacheOptions, TokenError, type TokenEvent } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import { createIamportAuth, type IamportAuthOptions } from "./index.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Not a whole second, as no moment of a real life is. */
export const START = Date.UTC(2026, 10, 15, 3, 33, 20, 123);

interface EmulatedOptions extends Pick<EmulatorOptions, "iamport" | "dateHeader"> {
  /** How far the client's clock is ahead of the server's at the start. */
  readonly clientAheadMs?: number;
  readonly cache?: TokenCacheOptions;
}

/** An emulator and a client whose time passes only when the test says so. */
export async function emulated({ clientAheadMs = 0, cache: cacheOptions, ...rules }: EmulatedOptions = {}) {
  const emulator = await startEmulator({ ...rules, clock: { startAt: START, frozen: true } });
  const clock = new ManualClock({ startAt: START + clientAheadMs });
  const life = new VirtualLife<TokenEvent>(clock, emulator.clock);
  const cache = new TokenCache({ clock, observer: life.observer, ...cacheOptions });
  const { tokenUrl, credentials } = emulator.iamport;
  const { impKey, impSecret } = credentials;
  return {
    emulator,
    clock,
    life,
    cache,
    createAuth: (options: IamportAuthOptions = {}) =>
      createIamportAuth({ impKey, impSecret, tokenUrl, cache, ...options }),
    /** The status of an API call with a token, sent by a client of its own. */
    async callApi(token: AccessToken): Promise<number> {
      const url = `${emulator.iamport.apiBaseUrl}/payments/imp_448280090638`;
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

/** What a call failed with. */
export async function failureOf(call: Promise<unknown>): Promise<TokenError> {
  const outcome = await call.catch((error: unknown) => error);
  if (TokenError.is(outcome)) return outcome;
  throw new Error("a TokenError was expected", { cause: outcome });
}
