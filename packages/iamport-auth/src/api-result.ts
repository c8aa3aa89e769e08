import { providerWords, retryAfterMs } from "@x/token-cache-core/provider";
import { isHTTPError } from "ky";
import type { Answer, Failure } from "./schemas.ts";

/** A call that iamport did not carry out. */
export class IamportApiError extends Error {
  override readonly name = "IamportApiError";
  /** iamport's code, not 0; `undefined` where the answer is not iamport's envelope. */
  readonly code: number | undefined;
  /** iamport's own words, without the token and of 500 characters at most. */
  readonly reason: string | undefined;
  /** HTTP status of iamport's answer. Not `status`: web frameworks would answer their own client with it. */
  readonly providerStatus: number;
  /** Whether the call came too soon. */
  readonly isRateLimited: boolean;
  /** How long iamport asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(response: Response, failure: Failure | undefined) {
    const { status, headers } = response;
    const reason = providerWords(response, failure?.message);
    const what =
      failure === undefined
        ? "an answer that is not its envelope"
        : [`code ${failure.code}`, reason].filter(Boolean).join(": ");
    super(`iamport answers HTTP ${status} with ${what}`);
    this.code = failure?.code;
    this.reason = reason;
    this.providerStatus = status;
    this.isRateLimited = status === 429;
    this.retryAfterMs = retryAfterMs(headers, Date.now());
  }
}

/**
 * The `response` in iamport's `{ code, message, response }` envelope.
 *
 * @throws IamportApiError where the code is not 0 or the answer is no such envelope
 */
export async function iamportResult<T = unknown>(call: Response | Promise<Response>): Promise<T> {
  const response = await call;
  const body: unknown = await response.json().catch(() => undefined);
  const answer = await readAnswer(body);
  if (response.ok && answer?.code === 0) return answer.response as T;
  throw new IamportApiError(response, answer);
}

/** The HTTP client's error as iamport's, without the client's request and response. */
export async function asIamportApiError(error: Error): Promise<Error> {
  if (!isHTTPError(error)) return error;
  return new IamportApiError(error.response, await readAnswer(error.data));
}

async function readAnswer(body: unknown): Promise<Answer | undefined> {
  const { answerSchema } = await import("./schemas.ts");
  return answerSchema.safeParse(body).data;
}
