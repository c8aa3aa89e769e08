import { readBoundedText } from "../bounded-body.ts";
import type { Clock } from "../time/clock.ts";

/** An API's answer, for a provider to decide whether it refuses the token. */
export interface ApiAnswer {
  /** The request's method, in capitals: the answer to a `HEAD` has no body. */
  readonly method: string;
  readonly status: number;
  readonly headers: Headers;
  /**
   * The body's JSON, read from a copy. `undefined` if it is no JSON, is larger, or takes more than 5 s.
   *
   * @param maxBytes default 64 KiB, which is ample for an error object
   */
  readJson(maxBytes?: number): Promise<unknown>;
}

const LARGEST_ERROR_BYTES = 64 * 1024;
/** The headers are here already, so the body of an error object follows at once. */
const SLOWEST_ERROR_MS = 5_000;

/** Reads a response, and leaves its body to the caller. */
export function apiAnswer(response: Response, method: string, clock: Clock): ApiAnswer {
  return {
    method: method.toUpperCase(),
    status: response.status,
    headers: response.headers,
    async readJson(maxBytes = LARGEST_ERROR_BYTES) {
      const limit = new AbortController();
      const timer = clock.setTimer(() => limit.abort(), SLOWEST_ERROR_MS);
      try {
        const text = await readBoundedText(response.clone(), maxBytes, limit.signal);
        return text === undefined ? undefined : JSON.parse(text);
      } catch {
        return undefined;
      } finally {
        timer.cancel();
      }
    },
  };
}
