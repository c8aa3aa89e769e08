import { providerWords, retryAfterMs } from "@x/token-cache-core/provider";
import { isHTTPError } from "ky";
import type { Failure, NaverInvalidInput } from "./schemas.ts";

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

const MOST_INVALID_INPUTS = 20;

/** A call that the Naver Commerce API did not carry out. */
export class NaverApiError extends Error {
  override readonly name = "NaverApiError";
  /** Naver's code: `GW.*` comes from the gateway; `undefined` where the answer is not Naver's error object. */
  readonly code: string | undefined;
  /** Naver's own words, without the token and of 500 characters at most. */
  readonly reason: string | undefined;
  /** Which inputs Naver finds wrong, the first 20. */
  readonly invalidInputs: readonly NaverInvalidInput[];
  /** Quote it when asking Naver's support. */
  readonly traceId: string | undefined;
  /** HTTP status of Naver's answer. Not `status`: web frameworks would answer their own client with it. */
  readonly providerStatus: number;
  /** Whether the call came too soon (`GW.RATE_LIMIT`) or a quota is used up (`GW.QUOTA_LIMIT`). */
  readonly isRateLimited: boolean;
  readonly rateLimit: NaverRateLimit;
  /** How long Naver asks to wait, in ms; it does not promise to say. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(response: Response, failure: Failure | undefined) {
    const { status, headers } = response;
    const words = (text: string | null | undefined) => providerWords(response, text);
    const code = words(failure?.code);
    const reason = words(failure?.message);
    const what =
      failure === undefined ? "an answer that is not its error object" : [code, reason].filter(Boolean).join(": ");
    super(`Naver answers HTTP ${status} with ${what}`);
    this.code = code;
    this.reason = reason;
    this.invalidInputs = (failure?.invalidInputs ?? [])
      .slice(0, MOST_INVALID_INPUTS)
      .map(({ name, type, message }) => ({
        name: words(name),
        type: words(type),
        message: words(message),
      }));
    this.traceId = words(headers.get("gncp-gw-trace-id") ?? failure?.traceId);
    this.providerStatus = status;
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
export async function naverResult<T = unknown>(call: Response | Promise<Response>): Promise<T> {
  const response = await call;
  const text = await response.text();
  const body = parsedJson(text);
  if (response.ok && (body !== undefined || text === "")) return body as T;
  throw new NaverApiError(response, await readFailure(body));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The HTTP client's error as Naver's, without the client's request and response. */
export async function asNaverApiError(error: Error): Promise<Error> {
  if (!isHTTPError(error)) return error;
  return new NaverApiError(error.response, await readFailure(error.data));
}

async function readFailure(body: unknown): Promise<Failure | undefined> {
  const { failureSchema } = await import("./schemas.ts");
  return failureSchema.safeParse(body).data;
}
