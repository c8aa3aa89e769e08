import { redactedText, retryAfterMs } from "@x/token-cache-core/provider";
import { isHTTPError } from "ky";
import { type Answer, answerSchema, type Failure } from "./schemas.ts";

/** An error response of the iamport API. */
export class IamportApiError extends Error {
  override readonly name = "IamportApiError";
  /** iamport's code, not 0; `undefined` if the response is not iamport's envelope. */
  readonly code: number | undefined;
  /** iamport's message, without the token and at most 500 characters long. */
  readonly reason: string | undefined;
  /** HTTP status of iamport's response. Not `status`: web frameworks would respond with it to their own client. */
  readonly providerStatus: number;
  /** Whether the call exceeded a rate limit. */
  readonly isRateLimited: boolean;
  /** The time to wait before the next call, in ms, by the response's `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(response: Response, failure: Failure | undefined) {
    const { status, headers } = response;
    const reason = redactedText(response, failure?.message);
    const what =
      failure === undefined
        ? "a response that is not its envelope"
        : [`code ${failure.code}`, reason].filter(Boolean).join(": ");
    super(`iamport responded with HTTP ${status} and ${what}`);
    this.code = failure?.code;
    this.reason = reason;
    this.providerStatus = status;
    this.isRateLimited = status === 429;
    this.retryAfterMs = retryAfterMs(headers);
  }
}

/**
 * The `response` in iamport's `{ code, message, response }` envelope.
 *
 * @throws IamportApiError if the code is not 0, or the response is no such envelope
 */
export async function iamportResult<T = unknown>(call: Response | Promise<Response>): Promise<T> {
  const response = await call;
  const body: unknown = await response.json().catch(() => undefined);
  const answer = readAnswer(body);
  if (response.ok && answer?.code === 0) return answer.response as T;
  throw new IamportApiError(response, answer);
}

/** Converts the HTTP client's error, so that it contains neither the request nor the response. */
export async function asIamportApiError(error: Error): Promise<Error> {
  if (!isHTTPError(error)) return error;
  return new IamportApiError(error.response, readAnswer(error.data));
}

function readAnswer(body: unknown): Answer | undefined {
  return answerSchema.safeParse(body).data;
}
