import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import { type IssuedToken, retryAfterMs, type TokenAnswer } from "@x/token-cache-core/provider";
import { type IamportCredentials, PROVIDER } from "./options.ts";
import type { Failure } from "./schemas.ts";

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
  "iamport does not accept the REST API key and secret. Copy both anew from the admin console.",
];

const MALFORMED: Judgement = [
  "invalid_options",
  "iamport finds the token request malformed. Check the options impKey, impSecret and tokenUrl.",
];

/** How iamport's own messages begin, whatever the status they come with: `code` other than 0 is a failure with 200 too. */
const MESSAGES: readonly (readonly [start: string, judgement: Judgement])[] = [
  ["인증에 실패", BAD_CREDENTIALS],
  ["imp_key, imp_secret 파라메터가 누락", MALFORMED],
];

const STATUS_CODES: Readonly<Record<number, Judgement>> = {
  400: MALFORMED,
  401: BAD_CREDENTIALS,
  403: ["permission_denied", "iamport denies a token to these keys. Check the merchant's state in the admin console."],
  404: ["invalid_options", "There is no token endpoint at this URL. Check the option tokenUrl."],
  429: ["rate_limited", "iamport limits token requests. Share one cache between all callers of this merchant."],
};

/** A token and what time it was at iamport when it was sent. */
export interface IamportToken extends IssuedToken {
  /** Epoch ms, rounded down to a second. */
  readonly serverTimeMs: number;
}

/**
 * Judges the token endpoint's answer.
 *
 * @throws TokenError
 */
export async function parseTokenAnswer(answer: TokenAnswer): Promise<IamportToken> {
  const { status, headers, body, sentAt, receivedAt } = answer;
  const { answerSchema, tokenSchema } = await import("./schemas.ts");
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

/** A token is re-used up to its last second: a second later there is a new one. */
function expiredError(): TokenError {
  const message = "iamport sent a token that has just expired. It is asked again a second later.";
  return new TokenError("invalid_response", { message, provider: PROVIDER, providerStatus: 200, retryAfterMs: 1_000 });
}

/** The message is read here and never shown: it may echo the credentials. */
function judge(status: number, failure: Failure | undefined): Judgement {
  if (status >= 500) return ["provider_unavailable", "iamport is out of order. It is asked again later."];
  const message = failure?.code === 0 ? undefined : failure?.message;
  const said = MESSAGES.find(([start]) => message?.startsWith(start))?.[1] ?? STATUS_CODES[status];
  if (said !== undefined) return said;
  return ["invalid_response", "The answer holds no token as iamport documents it. Check the option tokenUrl."];
}
