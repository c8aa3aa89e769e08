import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import { type IssuedToken, retryAfterMs, type TokenAnswer } from "@x/token-cache-core/provider";
import { PROVIDER, type ResourceType } from "./options.ts";
import { untilQuotaEnds } from "./rate-limits.ts";
import { type Failure, failureSchema, tokenSchema } from "./schemas.ts";
import type { Signature } from "./signature.ts";

/**
 * The token request. Naver accepts no other form without a penalty (notices of 2025-05 and 2026-08): all parameters in
 * a form body, `account_id` with type SELLER only. For any other form, Naver limits the whole application to one call
 * an hour on the next day.
 */
export function buildTokenRequest(
  clientId: string,
  { timestamp, clientSecretSign }: Signature,
  type: ResourceType,
  accountId: string | undefined,
) {
  const form = new URLSearchParams({
    client_id: clientId,
    timestamp,
    grant_type: "client_credentials",
    client_secret_sign: clientSecretSign,
    type,
  });
  if (type === "SELLER" && accountId !== undefined) form.append("account_id", accountId);
  return {
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: form.toString(),
  };
}

type Judgement = readonly [code: TokenErrorCode, message: string];

const OUT_OF_ORDER: Judgement = ["provider_unavailable", "Naver's gateway is unavailable. Call again later."];
const BAD_CREDENTIALS: Judgement = [
  "invalid_credentials",
  "Naver rejects the client id and secret. Copy both again from the Commerce API center.",
];

/** The gateway's documented error codes. */
const GATEWAY_CODES: ReadonlyMap<string, Judgement> = new Map(
  Object.entries<Judgement>({
    "GW.AUTHN": BAD_CREDENTIALS,
    "GW.AUTHZ": [
      "permission_denied",
      "The application lacks a permission. Check its API groups in the Commerce API center.",
    ],
    "GW.IP_NOT_ALLOWED": [
      "ip_not_allowed",
      "Naver does not allow this server's address. Add it to the application's allowed IPs in the Commerce API center.",
    ],
    "GW.NOT_FOUND": ["invalid_options", "This URL has no token endpoint. Check the option tokenUrl."],
    "GW.RATE_LIMIT": [
      "rate_limited",
      "Naver limits the requests per second. Share one cache between all callers, and call again later.",
    ],
    "GW.QUOTA_LIMIT": [
      "quota_exhausted",
      "The application's hourly quota is used up. One call an hour is Naver's penalty for token requests of a wrong form. " +
        "Look for other code that uses this application.",
    ],
  }),
);

/** What a rejected parameter means. */
const PARAMETERS: ReadonlyMap<string, Judgement> = new Map(
  Object.entries<Judgement>({
    timestamp: [
      "clock_skew",
      "Naver rejects the signed timestamp: it is in the future or older than 5 minutes. Synchronize this machine's clock by NTP.",
    ],
    client_id: BAD_CREDENTIALS,
    client_secret_sign: BAD_CREDENTIALS,
    account_id: [
      "invalid_options",
      "Naver does not know this account for the application. Check the option accountId.",
    ],
    type: ["invalid_options", "The application is not allowed to request tokens of this type. Check the option type."],
  }),
);

/**
 * The token in the token endpoint's answer.
 *
 * @throws TokenError the reason why there is none
 */
export async function parseTokenAnswer(answer: TokenAnswer): Promise<IssuedToken> {
  const { status, headers, body, sentAt, receivedAt } = answer;
  const token = tokenSchema.safeParse(body);
  if (status < 300 && token.success) {
    return { value: token.data.access_token, lifetimeMs: Number(token.data.expires_in) * 1_000, sentAt };
  }
  const failure = failureSchema.safeParse(body).data;
  const [code, message] = judge(status, failure);
  throw new TokenError(code, {
    message,
    provider: PROVIDER,
    providerStatus: status,
    providerCode: failure?.code,
    traceId: headers.get("gncp-gw-trace-id") ?? failure?.traceId ?? undefined,
    retryAfterMs: (code === "quota_exhausted" ? untilQuotaEnds : retryAfterMs)(headers, receivedAt.wall),
  });
}

function judge(status: number, failure: Failure | undefined): Judgement {
  if (status >= 500) return OUT_OF_ORDER;
  const gateway = GATEWAY_CODES.get(failure?.code ?? "");
  if (gateway !== undefined) return gateway;
  if (failure?.code.startsWith("GW.")) return OUT_OF_ORDER;
  if (status === 429)
    return [
      "rate_limited",
      "Naver limits the rate of token requests. Share one cache between all callers, and call again later.",
    ];
  if (status === 404) return ["invalid_options", "This URL has no token endpoint. Check the option tokenUrl."];
  // Both messages about the timestamp begin with its name ("timestamp 항목은 현재 이전이어야 합니다.", "timestamp항목의 유효 시간이 …").
  const name = failure?.message?.startsWith("timestamp") ? "timestamp" : failure?.invalidInputs?.find(isKnown)?.name;
  const parameter = PARAMETERS.get(name ?? "");
  if (parameter !== undefined) return parameter;
  if (status === 400)
    return ["invalid_options", "Naver rejects the token request as malformed. Check the values of the options."];
  if (status === 401 || status === 403) return BAD_CREDENTIALS;
  return ["invalid_response", "The response contains no token in the documented form. Check the option tokenUrl."];
}

function isKnown({ name }: { name?: string | null | undefined }): boolean {
  return PARAMETERS.has(name ?? "");
}
