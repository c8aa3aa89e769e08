import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import { type IssuedToken, retryAfterMs, type TokenAnswer } from "@x/token-cache-core/provider";
import { PROVIDER, type TossShoppingCredentials } from "./options.ts";
import { tokenErrorSchema, tokenSchema } from "./schemas.ts";

/**
 * The token request: a form with snake_case names (OpenAPI document). The guide's table names `clientId` in prose,
 * which gets `invalid_client`.
 */
export function buildTokenRequest({ accessKey, secretKey }: TossShoppingCredentials, scope: string) {
  const form = { grant_type: "client_credentials", client_id: accessKey, client_secret: secretKey, scope };
  return {
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
  };
}

/** The form of OAuth's error codes. Other text may repeat the keys, so no error contains it. */
const OAUTH_CODE = /^(?=.{1,40}$)[a-z]+(_[a-z]+)*$/;

type Judgement = readonly [code: TokenErrorCode, message: string];

/** The error codes of RFC 6749, 5.2. Of these, `invalid_client` has been observed at Toss's token endpoint. */
const ERROR_CODES: ReadonlyMap<string, Judgement> = new Map(
  Object.entries<Judgement>({
    invalid_client: [
      "invalid_credentials",
      "Toss rejects the access key and secret key. Copy both again from the seller admin, and check the option environment.",
    ],
    invalid_grant: [
      "invalid_credentials",
      "Toss rejects the access key and secret key. Copy both again from the seller admin.",
    ],
    unauthorized_client: [
      "permission_denied",
      "These keys are not allowed to request tokens. Ask Toss to enable the API for the seller.",
    ],
    access_denied: [
      "permission_denied",
      "Toss denies these keys a token. Check the seller's contract and the IP allow-list.",
    ],
    invalid_scope: ["permission_denied", "These keys are not allowed this scope. Check the option scope."],
    invalid_request: [
      "invalid_options",
      "Toss rejects the token request as malformed. Check the options scope and tokenUrl.",
    ],
    unsupported_grant_type: [
      "invalid_options",
      "Toss rejects the token request as malformed. Check the option tokenUrl.",
    ],
    server_error: ["provider_unavailable", "Toss's token endpoint is unavailable. Call again later."],
    temporarily_unavailable: ["provider_unavailable", "Toss's token endpoint is unavailable. Call again later."],
  }),
);

const STATUS_CODES: Readonly<Record<number, Judgement>> = {
  400: ["invalid_credentials", "Toss rejects the token request. Check the keys and the option tokenUrl."],
  401: ["invalid_credentials", "Toss rejects the access key and secret key. Copy both again from the seller admin."],
  403: ["permission_denied", "Toss denies a token. Check that this server's address is on the IP allow-list."],
  404: ["invalid_options", "This URL has no token endpoint. Check the option tokenUrl."],
  429: ["rate_limited", "Toss limits the rate of token requests. Share one cache between all callers of this seller."],
};

/**
 * The token in the token endpoint's answer.
 *
 * @throws TokenError the reason why there is none
 */
export async function parseTokenAnswer(answer: TokenAnswer): Promise<IssuedToken> {
  const { status, headers, body, sentAt, receivedAt } = answer;
  const failure = tokenErrorSchema.safeParse(body);
  const token = tokenSchema.safeParse(body);
  if (status < 300 && token.success && !failure.success) {
    const { access_token, scope, expires_in } = token.data;
    const lifetimeMs = Number(expires_in) * 1_000;
    if (lifetimeMs <= 0) throw expiredError();
    return { value: access_token, scope, lifetimeMs, sentAt };
  }
  const providerCode = failure.success && OAUTH_CODE.test(failure.data.error) ? failure.data.error : undefined;
  const known = status < 500 ? ERROR_CODES.get(providerCode ?? "") : undefined;
  const [code, advice] = known ?? STATUS_CODES[status] ?? otherError(status);
  const message = known || providerCode === undefined ? advice : `${advice} Toss's error code is "${providerCode}".`;
  const waitMs = retryAfterMs(headers, receivedAt.wall);
  throw new TokenError(code, {
    message,
    provider: PROVIDER,
    providerStatus: status,
    providerCode,
    retryAfterMs: waitMs,
  });
}

/** For a token with no lifetime left. If Toss returns the same token until it expires, a new one follows a second later. */
function expiredError(): TokenError {
  const message = "Toss returned a token that has just expired. Call again in a second.";
  return new TokenError("invalid_response", { message, provider: PROVIDER, providerStatus: 200, retryAfterMs: 1_000 });
}

function otherError(status: number): Judgement {
  if (status >= 500) return ["provider_unavailable", "Toss's token endpoint is unavailable. Call again later."];
  return ["invalid_response", "The response contains no token in the documented form. Check the option tokenUrl."];
}
