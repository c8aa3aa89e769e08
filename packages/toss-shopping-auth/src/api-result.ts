import { providerWords, retryAfterMs } from "@x/token-cache-core/provider";
import { isHTTPError } from "ky";
import type { Answer, Failure } from "./schemas.ts";

/** A call that the Toss Shopping API did not carry out. */
export class TossApiError extends Error {
  override readonly name = "TossApiError";
  /** Toss's code, for instance `TOO_MANY_REQUEST`; `undefined` where the answer is not Toss's envelope. */
  readonly errorCode: string | undefined;
  /** Toss's own words, without the token and of 500 characters at most. */
  readonly reason: string | undefined;
  /** HTTP status of Toss's answer, 200 for most failures. Not `status`: web frameworks would answer their own client with it. */
  readonly providerStatus: number;
  /** Whether the call came too soon: at most 50 reads and 30 writes a second. */
  readonly isRateLimited: boolean;
  /** How long Toss asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(response: Response, failure: Failure | undefined) {
    const { status, headers } = response;
    const errorCode = providerWords(response, failure?.errorCode);
    const reason = providerWords(response, failure?.reason);
    const what =
      failure === undefined ? "an answer that is not its envelope" : [errorCode, reason].filter(Boolean).join(": ");
    super(`Toss Shopping answers HTTP ${status} with ${what}`);
    this.errorCode = errorCode;
    this.reason = reason;
    this.providerStatus = status;
    this.isRateLimited = status === 429 || this.errorCode === "TOO_MANY_REQUEST";
    this.retryAfterMs = retryAfterMs(headers, Date.now());
  }
}

/**
 * The value in Toss's `{ resultType, success }` envelope.
 *
 * @throws TossApiError where the result type is `FAIL` or the answer is no such envelope
 */
export async function tossResult<T = unknown>(call: Response | Promise<Response>): Promise<T> {
  const response = await call;
  const body: unknown = await response.json().catch(() => undefined);
  const answer = await readAnswer(body);
  if (response.ok && answer?.resultType === "SUCCESS") return answer.success as T;
  throw apiError(response, answer);
}

/** The HTTP client's error as Toss's, without the client's request and response. */
export async function asTossApiError(error: Error): Promise<Error> {
  return isHTTPError(error) ? apiError(error.response, await readAnswer(error.data)) : error;
}

function apiError(response: Response, answer: Answer | undefined): TossApiError {
  return new TossApiError(response, answer?.resultType === "FAIL" ? answer.error : undefined);
}

async function readAnswer(body: unknown): Promise<Answer | undefined> {
  const { answerSchema } = await import("./schemas.ts");
  return answerSchema.safeParse(body).data;
}
