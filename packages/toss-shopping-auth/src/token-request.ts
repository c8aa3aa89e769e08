import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import { type IssuedToken, retryAfterMs, type TokenAnswer } from "@x/token-cache-core/provider";
import { PROVIDER, type TossShoppingCredentials } from "./options.ts";

/**
 * The token request: a form with snake_case names (OpenAPI document). The guide's table says `clientId` in prose; that
 * gets `invalid_client`.
 */
export function buildTokenRequest({ accessKey, secretKey }: TossShoppingCredentials, scope: string) {
  const form = { grant_type: "client_credentials", client_id: accessKey, client_secret: secretKey, scope };
  return {
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
  };
}

/** How OAuth writes its codes. What looks otherwise may be an echo of the keys, and is shown to nobody. */
const OAUTH_CODE = /^(?=.{1,40}$)[a-z]+(_[a-z]+)*$/;

type Judgement = readonly [code: TokenErrorCode, message: string];

/** RFC 6749, 5.2, of which Toss's token endpoint has been seen to answer `invalid_client`. */
const ERROR_CODES: ReadonlyMap<string, Judgement> = new Map(
  Object.entries<Judgement>({
    invalid_client: [
      "invalid_credentials",
      "Toss does not accept the access key and secret key. Copy both anew from the seller admin, and check live against test.",
    ],
    invalid_grant: [
      "invalid_credentials",
      "Toss does not accept the access key and secret key. Copy both anew from the seller admin.",
    ],
    unauthorized_client: [
      "permission_denied",
      "These keys may not ask for tokens this way. Ask Toss to enable the API for the seller.",
    ],
    access_denied: [
      "permission_denied",
      "Toss denies a token to these keys. Check the seller's contract and the IP allow-list.",
    ],
    invalid_scope: ["permission_denied", "These keys may not have this scope. Check the option scope."],
    invalid_request: [
      "invalid_options",
      "Toss finds the token request malformed. Check the options scope and tokenUrl.",
    ],
    unsupported_grant_type: ["invalid_options", "Toss finds the token request malformed. Check the option tokenUrl."],
    server_error: ["provider_unavailable", "Toss's token endpoint is out of order. It is asked again later."],
    temporarily_unavailable: [
      "provider_unavailable",
      "Toss's token endpoint is out of order. It is asked again later.",
    ],
  }),
);

const STATUS_CODES: Readonly<Record<number, Judgement>> = {
  400: ["invalid_credentials", "Toss refuses the token request. Check the keys and the option tokenUrl."],
  401: [
    "invalid_credentials",
    "Toss does not accept the access key and secret key. Copy both anew from the seller admin.",
  ],
  403: ["permission_denied", "Toss denies a token. Check that this server's address is on the IP allow-list."],
  404: ["invalid_options", "There is no token endpoint at this URL. Check the option tokenUrl."],
  429: ["rate_limited", "Toss limits token requests. Share one cache between all callers of this seller."],
};

/**
 * Judges the token endpoint's answer.
 *
 * @throws TokenError
 */
export async function parseTokenAnswer(answer: TokenAnswer): Promise<IssuedToken> {
  const { status, headers, body, sentAt, receivedAt } = answer;
  const { tokenErrorSchema, tokenSchema } = await import("./schemas.ts");
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

/** Should Toss send the same token up to its last second (not known), there is a new one a second later. */
function expiredError(): TokenError {
  const message = "Toss sent a token that has just expired. It is asked again a second later.";
  return new TokenError("invalid_response", { message, provider: PROVIDER, providerStatus: 200, retryAfterMs: 1_000 });
}

function otherError(status: number): Judgement {
  if (status >= 500) return ["provider_unavailable", "Toss's token endpoint is out of order. It is asked again later."];
  return ["invalid_response", "The answer holds no token as Toss documents it. Check the option tokenUrl."];
}
