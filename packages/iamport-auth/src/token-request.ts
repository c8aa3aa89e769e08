import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import { type IssuedToken, retryAfterMs, type TokenAnswer } from "@x/token-cache-core/provider";
import { type IamportCredentials, PROVIDER } from "./options.ts";
import { answerSchema, type Failure, tokenSchema } from "./schemas.ts";

/** The token request: JSON with key and secret (access token guide). */
export function buildTokenRequest({ impKey, impSecret }: IamportCredentials) {
  return {
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ imp_key: impKey, imp_secret: impSecret }),
  };
}

type Judgement = readonly [code: TokenErrorCode, message: string];

const BAD_CREDENTIALS: Judgement = [
  "invalid_credentials",
  "iamport rejects the REST API key and secret. Copy both again from the admin console.",
];

const MALFORMED: Judgement = [
  "invalid_options",
  "iamport rejects the token request as malformed. Check the options impKey, impSecret and tokenUrl.",
];

/** The start of iamport's messages. They decide before the status does: a failure may have HTTP 200. */
const MESSAGES: readonly (readonly [start: string, judgement: Judgement])[] = [
  ["인증에 실패", BAD_CREDENTIALS],
  ["imp_key, imp_secret 파라메터가 누락", MALFORMED],
];

const STATUS_CODES: Readonly<Record<number, Judgement>> = {
  400: MALFORMED,
  401: BAD_CREDENTIALS,
  403: ["permission_denied", "iamport denies these keys a token. Check the merchant's state in the admin console."],
  404: ["invalid_options", "This URL has no token endpoint. Check the option tokenUrl."],
  429: [
    "rate_limited",
    "iamport limits the rate of token requests. Share one cache between all callers of this merchant.",
  ],
};

/** A token and iamport's time at the response. */
export interface IamportToken extends IssuedToken {
  /** Epoch ms, rounded down to a second. */
  readonly serverTimeMs: number;
}

/**
 * The token in the token endpoint's answer.
 *
 * @throws TokenError the reason why there is none
 */
export async function parseTokenAnswer(answer: TokenAnswer): Promise<IamportToken> {
  const { status, headers, body, sentAt, receivedAt } = answer;
  const token = tokenSchema.safeParse(body);
  if (status < 300 && token.success) {
    const { access_token, now, expired_at } = token.data.response;
    const lifetimeMs = Math.floor((Number(expired_at) - Number(now)) * 1_000);
    if (lifetimeMs <= 0) throw expiredError();
    return { value: access_token, lifetimeMs, sentAt, serverTimeMs: Math.floor(Number(now)) * 1_000 };
  }
  const failure = answerSchema.safeParse(body).data;
  const [code, message] = judge(status, failure);
  throw new TokenError(code, {
    message,
    provider: PROVIDER,
    providerStatus: status,
    providerCode: failure === undefined || failure.code === 0 ? undefined : String(failure.code),
    retryAfterMs: retryAfterMs(headers, receivedAt.wall),
  });
}

/**
 * For a token with no lifetime left. iamport returns the same token until it expires. A second later it returns a new
 * one.
 */
function expiredError(): TokenError {
  const message = "iamport returned a token that has just expired. Call again in a second.";
  return new TokenError("invalid_response", { message, provider: PROVIDER, providerStatus: 200, retryAfterMs: 1_000 });
}

/** Reads the message, which no error contains: it may repeat the credentials. */
function judge(status: number, failure: Failure | undefined): Judgement {
  if (status >= 500) return ["provider_unavailable", "iamport is unavailable. Call again later."];
  const message = failure?.code === 0 ? undefined : failure?.message;
  const said = MESSAGES.find(([start]) => message?.startsWith(start))?.[1] ?? STATUS_CODES[status];
  if (said !== undefined) return said;
  return ["invalid_response", "The response contains no token in the documented form. Check the option tokenUrl."];
}
