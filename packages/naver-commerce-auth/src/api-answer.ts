import { once, retryAfterMs } from "@x/token-cache-core";
import { isHTTPError } from "ky";
import * as z from "zod/mini";

const failureSchema = once(() => {
  const text = z.optional(z.nullable(z.string()));
  const invalidInput = z.object({ name: text, type: text, message: text });
  const invalidInputs = z.optional(z.nullable(z.array(invalidInput)));
  return z.object({ code: z.string(), message: text, traceId: text, invalidInputs });
});

/** One input that Naver finds wrong. */
export interface NaverInvalidInput {
  readonly name?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly message?: string | null | undefined;
}

/** What Naver's `GNCP-GW-RateLimit-*` and `GNCP-GW-Quota-*` headers say; absent where a header is. */
export interface NaverRateLimit {
  /** Calls that may follow at once. */
  readonly remaining: number | undefined;
  /** Calls a second that come back. */
  readonly replenishRate: number | undefined;
  /** Calls that may come at once at most. */
  readonly burstCapacity: number | undefined;
  /** For instance `HOURS`. */
  readonly quotaPeriod: string | undefined;
  /** Calls a period. */
  readonly quotaLimit: number | undefined;
  /** Calls left in this period. */
  readonly quotaRemaining: number | undefined;
}

/** A call that the Naver Commerce API did not carry out. */
export class NaverApiError extends Error {
  override readonly name = "NaverApiError";
  /** Naver's code: `GW.*` comes from the gateway; `undefined` where the answer is not Naver's error object. */
  readonly code: string | undefined;
  /** Naver's own words. */
  readonly reason: string | undefined;
  /** Which inputs Naver finds wrong. */
  readonly invalidInputs: readonly NaverInvalidInput[];
  /** Quote it when asking Naver's support. */
  readonly traceId: string | undefined;
  /** HTTP status. */
  readonly status: number;
  /** Whether the call came too soon (`GW.RATE_LIMIT`) or a quota is used up (`GW.QUOTA_LIMIT`). */
  readonly isRateLimited: boolean;
  readonly rateLimit: NaverRateLimit;
  /** How long Naver asks to wait, in ms; it does not promise to say. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, headers: Headers, body: unknown) {
    const { data } = z.safeParse(failureSchema(), body);
    const what =
      data === undefined
        ? "an answer that is not its error object"
        : [data.code, data.message].filter(Boolean).join(": ");
    super(`Naver answers HTTP ${status} with ${what}`);
    this.code = data?.code;
    this.reason = data?.message ?? undefined;
    this.invalidInputs = data?.invalidInputs ?? [];
    this.traceId = headers.get("gncp-gw-trace-id") ?? data?.traceId ?? undefined;
    this.status = status;
    this.isRateLimited = status === 429;
    this.rateLimit = naverRateLimit(headers);
    this.retryAfterMs = retryAfterMs(headers, Date.now());
  }
}

/** Reads Naver's rate headers, which successful answers carry too. */
export function naverRateLimit(headers: Headers): NaverRateLimit {
  const number = (name: string) => {
    const value = headers.get(name);
    return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
  };
  return {
    remaining: number("gncp-gw-ratelimit-remaining"),
    replenishRate: number("gncp-gw-ratelimit-replenish-rate"),
    burstCapacity: number("gncp-gw-ratelimit-burst-capacity"),
    quotaPeriod: headers.get("gncp-gw-quota-period") ?? undefined,
    quotaLimit: number("gncp-gw-quota-limit"),
    quotaRemaining: number("gncp-gw-quota-remaining"),
  };
}

/**
 * The JSON of a successful answer; `undefined` where it has no body.
 *
 * @throws NaverApiError where Naver answers with an error
 */
export async function naverResult<T = unknown>(answer: Response | Promise<Response>): Promise<T> {
  const response = await answer;
  const text = await response.text();
  const body = parsedJson(text);
  if (response.ok && (body !== undefined || text === "")) return body as T;
  throw new NaverApiError(response.status, response.headers, body);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The HTTP client's error as Naver's, without the client's request and response. */
export function asNaverApiError(error: Error): Error {
  return isHTTPError(error) ? new NaverApiError(error.response.status, error.response.headers, error.data) : error;
}
