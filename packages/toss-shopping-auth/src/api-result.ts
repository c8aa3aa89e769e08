import { redactedText, retryAfterMs } from "@x/token-cache-core/provider";
import { isHTTPError } from "ky";
import { type Answer, answerSchema, type Failure } from "./schemas.ts";

/** An error response of the Toss Shopping API. */
export class TossApiError extends Error {
  override readonly name = "TossApiError";
  /** Toss's code, for instance `TOO_MANY_REQUEST`; `undefined` if the response is not Toss's envelope. */
  readonly errorCode: string | undefined;
  /** Toss's message, without the token and at most 500 characters long. */
  readonly reason: string | undefined;
  /** HTTP status of Toss's response, 200 for most failures. Not `status`: web frameworks would respond with it to their own client. */
  readonly providerStatus: number;
  /** Whether the call exceeded the rate limit of 50 reads and 30 writes a second. */
  readonly isRateLimited: boolean;
  /** The time to wait before the next call, in ms, by the response's `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(response: Response, failure: Failure | undefined) {
    const { status, headers } = response;
    const errorCode = redactedText(response, failure?.errorCode);
    const reason = redactedText(response, failure?.reason);
    const what =
      failure === undefined ? "a response that is not its envelope" : [errorCode, reason].filter(Boolean).join(": ");
    super(`Toss Shopping responded with HTTP ${status} and ${what}`);
    this.errorCode = errorCode;
    this.reason = reason;
    this.providerStatus = status;
    this.isRateLimited = status === 429 || this.errorCode === "TOO_MANY_REQUEST";
    this.retryAfterMs = retryAfterMs(headers);
  }
}

/**
 * The value in Toss's `{ resultType, success }` envelope.
 *
 * @throws TossApiError if the result type is `FAIL`, or the response is no such envelope
 */
export async function tossResult<T = unknown>(call: Response | Promise<Response>): Promise<T> {
  const response = await call;
  const body: unknown = await response.json().catch(() => undefined);
  const answer = readAnswer(body);
  if (response.ok && answer?.resultType === "SUCCESS") return answer.success as T;
  throw apiError(response, answer);
}

/** Converts the HTTP client's error, so that it contains neither the request nor the response. */
export async function asTossApiError(error: Error): Promise<Error> {
  return isHTTPError(error) ? apiError(error.response, readAnswer(error.data)) : error;
}

function apiError(response: Response, answer: Answer | undefined): TossApiError {
  return new TossApiError(response, answer?.resultType === "FAIL" ? answer.error : undefined);
}

function readAnswer(body: unknown): Answer | undefined {
  return answerSchema.safeParse(body).data;
}
