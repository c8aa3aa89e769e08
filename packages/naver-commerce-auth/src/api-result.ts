import { redactedText, retryAfterMs } from "@x/token-cache-core/provider";
import { isHTTPError } from "ky";
import { type Failure, failureSchema, type NaverInvalidInput } from "./schemas.ts";

/** Naver's `GNCP-GW-RateLimit-*` and `GNCP-GW-Quota-*` headers. A missing header is `undefined`. */
export interface NaverRateLimit {
  /** Calls left in the token bucket. */
  readonly remaining: number | undefined;
  /** Calls per second that refill the bucket. */
  readonly replenishRate: number | undefined;
  /** The bucket's size. */
  readonly burstCapacity: number | undefined;
  /** For instance `HOURS`. */
  readonly quotaPeriod: string | undefined;
  /** Calls per period. */
  readonly quotaLimit: number | undefined;
  /** Calls left in this period. */
  readonly quotaRemaining: number | undefined;
}

const MOST_INVALID_INPUTS = 20;

/** An error response of the Naver Commerce API. */
export class NaverApiError extends Error {
  override readonly name = "NaverApiError";
  /** Naver's code: `GW.*` comes from the gateway; `undefined` if the response is not Naver's error object. */
  readonly code: string | undefined;
  /** Naver's message, without the token and at most 500 characters long. */
  readonly reason: string | undefined;
  /** The inputs that Naver rejects, the first 20. */
  readonly invalidInputs: readonly NaverInvalidInput[];
  /** For questions to Naver's support. */
  readonly traceId: string | undefined;
  /** HTTP status of Naver's response. Not `status`: web frameworks would respond with it to their own client. */
  readonly providerStatus: number;
  /** Whether the call exceeded the rate limit (`GW.RATE_LIMIT`) or the quota (`GW.QUOTA_LIMIT`). */
  readonly isRateLimited: boolean;
  readonly rateLimit: NaverRateLimit;
  /** The time to wait before the next call, in ms, by the response's `Retry-After`. Naver does not guarantee one. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(response: Response, failure: Failure | undefined) {
    const { status, headers } = response;
    const redacted = (text: string | null | undefined) => redactedText(response, text);
    const code = redacted(failure?.code);
    const reason = redacted(failure?.message);
    const what =
      failure === undefined ? "a response that is not its error object" : [code, reason].filter(Boolean).join(": ");
    super(`Naver responded with HTTP ${status} and ${what}`);
    this.code = code;
    this.reason = reason;
    this.invalidInputs = (failure?.invalidInputs ?? [])
      .slice(0, MOST_INVALID_INPUTS)
      .map(({ name, type, message }) => ({
        name: redacted(name),
        type: redacted(type),
        message: redacted(message),
      }));
    this.traceId = redacted(headers.get("gncp-gw-trace-id") ?? failure?.traceId);
    this.providerStatus = status;
    this.isRateLimited = status === 429;
    this.rateLimit = naverRateLimit(headers);
    this.retryAfterMs = retryAfterMs(headers);
  }
}

/** @internal */
export function headerNumber(headers: Headers, name: string): number | undefined {
  const value = headers.get(name);
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** Reads Naver's rate limit headers. Successful responses have them too. */
export function naverRateLimit(headers: Headers): NaverRateLimit {
  const number = (name: string) => headerNumber(headers, name);
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
 * The JSON of a successful response, or `undefined` if it has no body.
 *
 * @throws NaverApiError if Naver responds with an error
 */
export async function naverResult<T = unknown>(call: Response | Promise<Response>): Promise<T> {
  const response = await call;
  const text = await response.text();
  const body = parsedJson(text);
  if (response.ok && (body !== undefined || text === "")) return body as T;
  throw new NaverApiError(response, readFailure(body));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Converts the HTTP client's error, so that it contains neither the request nor the response. */
export async function asNaverApiError(error: Error): Promise<Error> {
  if (!isHTTPError(error)) return error;
  return new NaverApiError(error.response, readFailure(error.data));
}

function readFailure(body: unknown): Failure | undefined {
  return failureSchema.safeParse(body).data;
}
