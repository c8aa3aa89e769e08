import { once, retryAfterMs } from "@x/token-cache-core";
import { isHTTPError } from "ky";
import * as z from "zod/mini";

const answerSchema = once(() =>
  z.object({
    code: z.number(),
    message: z.optional(z.nullable(z.string())),
    response: z.optional(z.unknown()),
  }),
);

/** A call that iamport did not carry out. */
export class IamportApiError extends Error {
  override readonly name = "IamportApiError";
  /** iamport's code, not 0; `undefined` where the answer is not iamport's envelope. */
  readonly code: number | undefined;
  /** iamport's own words. */
  readonly reason: string | undefined;
  /** HTTP status. */
  readonly status: number;
  /** Whether the call came too soon. */
  readonly isRateLimited: boolean;
  /** How long iamport asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, headers: Headers, body: unknown) {
    const { data } = z.safeParse(answerSchema(), body);
    const what =
      data === undefined
        ? "an answer that is not its envelope"
        : [`code ${data.code}`, data.message].filter(Boolean).join(": ");
    super(`iamport answers HTTP ${status} with ${what}`);
    this.code = data?.code;
    this.reason = data?.message ?? undefined;
    this.status = status;
    this.isRateLimited = status === 429;
    this.retryAfterMs = retryAfterMs(headers, Date.now());
  }
}

/**
 * The `response` in iamport's `{ code, message, response }` envelope.
 *
 * @throws IamportApiError where the code is not 0 or the answer is no such envelope
 */
export async function iamportResult<T = unknown>(answer: Response | Promise<Response>): Promise<T> {
  const response = await answer;
  const body: unknown = await response.json().catch(() => undefined);
  const { data } = z.safeParse(answerSchema(), body);
  if (response.ok && data?.code === 0) return data.response as T;
  throw new IamportApiError(response.status, response.headers, body);
}

/** The HTTP client's error as iamport's, without the client's request and response. */
export function asIamportApiError(error: Error): Error {
  return isHTTPError(error) ? new IamportApiError(error.response.status, error.response.headers, error.data) : error;
}
