import { httpDateMs } from "./http-date.ts";

/**
 * Exponential backoff with jitter: the wait before attempt `failures + 1`, in ms. It doubles each time up to a cap, and
 * has jitter over its upper half. So many clients do not return to a recovered server at once.
 */
export function backoffMs(
  failures: number,
  { baseMs, capMs }: { readonly baseMs: number; readonly capMs: number },
  random: number = Math.random(),
): number {
  const fullMs = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return fullMs * (0.5 + random / 2);
}

/** A longer `Retry-After` is a provider's mistake. */
const LONGEST_RETRY_AFTER_MS = 60 * 60 * 1_000;

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date (RFC 9110, 10.2.3). A date counts from the answer's `Date`, which
 * is by the same clock.
 *
 * @param nowMs epoch ms, in place of a missing `Date`
 * @returns ms from now, at most an hour; `undefined` if there is none or it is unreadable
 */
export function retryAfterMs(headers: Headers, nowMs: number = Number.NaN): number | undefined {
  const value = headers.get("retry-after") ?? "";
  const serverMs = httpDateMs(headers.get("date") ?? "") || nowMs;
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1_000 : httpDateMs(value) - serverMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(0, delayMs), LONGEST_RETRY_AFTER_MS);
}
