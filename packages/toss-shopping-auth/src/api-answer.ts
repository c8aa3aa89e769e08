import { once, retryAfterMs } from "@x/token-cache-core";
import { isHTTPError } from "ky";
import * as z from "zod/mini";

const answerSchema = once(() =>
  z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("SUCCESS"), success: z.optional(z.unknown()) }),
    z.object({
      resultType: z.literal("FAIL"),
      error: z.object({ errorCode: z.string(), reason: z.optional(z.nullable(z.string())) }),
    }),
  ]),
);

/** A call that the Toss Shopping API did not carry out. */
export class TossApiError extends Error {
  override readonly name = "TossApiError";
  /** Toss's code, for instance `TOO_MANY_REQUEST`; `undefined` where the answer is not Toss's envelope. */
  readonly errorCode: string | undefined;
  /** Toss's own words. */
  readonly reason: string | undefined;
  /** HTTP status, which is 200 for most failures. */
  readonly status: number;
  /** Whether the call came too soon: at most 50 reads and 30 writes a second. */
  readonly isRateLimited: boolean;
  /** How long Toss asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, headers: Headers, body: unknown) {
    const { data } = z.safeParse(answerSchema(), body);
    const error = data?.resultType === "FAIL" ? data.error : undefined;
    const what =
      error === undefined
        ? "an answer that is not its envelope"
        : [error.errorCode, error.reason].filter(Boolean).join(": ");
    super(`Toss Shopping answers HTTP ${status} with ${what}`);
    this.errorCode = error?.errorCode;
    this.reason = error?.reason ?? undefined;
    this.status = status;
    this.isRateLimited = status === 429 || this.errorCode === "TOO_MANY_REQUEST";
    this.retryAfterMs = retryAfterMs(headers, Date.now());
  }
}

/**
 * The value in Toss's `{ resultType, success }` envelope.
 *
 * @throws TossApiError where the result type is `FAIL` or the answer is no such envelope
 */
export async function tossResult<T = unknown>(answer: Response | Promise<Response>): Promise<T> {
  const response = await answer;
  const body: unknown = await response.json().catch(() => undefined);
  const { data } = z.safeParse(answerSchema(), body);
  if (response.ok && data?.resultType === "SUCCESS") return data.success as T;
  throw new TossApiError(response.status, response.headers, body);
}

/** The HTTP client's error as Toss's, without the client's request and response. */
export function asTossApiError(error: Error): Error {
  return isHTTPError(error) ? new TossApiError(error.response.status, error.response.headers, error.data) : error;
}
