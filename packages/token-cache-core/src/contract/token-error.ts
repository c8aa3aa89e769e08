/** The kind of failure, for code to branch on. */
export type TokenErrorCode =
  /** An option is missing or wrong. Nothing was sent. */
  | "invalid_options"
  /** The function in the option `credentials` failed, was too slow, or returned something else. No request was sent. */
  | "credentials_unavailable"
  /** The provider does not accept the client id and secret. */
  | "invalid_credentials"
  /** The provider finds the signed timestamp in the future or too old, even after a sync with the server's clock. */
  | "clock_skew"
  /** The provider does not accept requests from this machine's address. */
  | "ip_not_allowed"
  /** The credentials are right, but may not do this. */
  | "permission_denied"
  /** Too many requests; see {@link TokenError.retryAfterMs}. */
  | "rate_limited"
  /** A longer-term allowance is used up; see {@link TokenError.retryAfterMs}. */
  | "quota_exhausted"
  /** The provider is unavailable (5xx). */
  | "provider_unavailable"
  /** No answer in time. */
  | "timeout"
  /** No connection. */
  | "network"
  /** An answer that is not what the provider documents. */
  | "invalid_response"
  /** The API refuses the token, and the provider issues no other one. */
  | "token_refused"
  /** A request or redirect to a place the credentials must not go to. */
  | "origin_not_allowed"
  /** The cache was closed. */
  | "closed";

/** What a {@link TokenError} is made from. */
export interface TokenErrorInit {
  /** What happened and what to do about it. Never a token, a secret, a signature or a body. */
  readonly message: string;
  readonly provider?: string | undefined;
  /** Default: whether the code stands for a transient error. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly providerStatus?: number | undefined;
  readonly providerCode?: string | undefined;
  readonly traceId?: string | undefined;
}

const MARKER = Symbol.for("@x/token-cache-core/TokenError");

const TRANSIENT_CODES: ReadonlySet<TokenErrorCode> = new Set<TokenErrorCode>([
  "credentials_unavailable",
  "rate_limited",
  "quota_exhausted",
  "provider_unavailable",
  "timeout",
  "network",
  "invalid_response",
]);

/** What a provider's code or trace id may look like; anything else might be an echo of what was sent. */
const IDENTIFIER = /^[\w.:-]{1,64}$/;

/**
 * The one error of these packages. It holds no token, secret, signature, request, response or body, and has no `cause`.
 * The HTTP client's own errors carry all of these.
 */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly code: TokenErrorCode;
  /** The provider's name as in the token's key. */
  readonly provider: string | undefined;
  /** Whether the same call may succeed later without a change on your side. */
  readonly retryable: boolean;
  /** How long the provider asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  /** HTTP status of the provider's answer. Not `status`: web frameworks would answer their own client with it. */
  readonly providerStatus: number | undefined;
  /** The provider's own error code, for instance `GW.IP_NOT_ALLOWED`. */
  readonly providerCode: string | undefined;
  /** The provider's trace id: quote it when asking their support. */
  readonly traceId: string | undefined;

  constructor(code: TokenErrorCode, init: TokenErrorInit) {
    super(init.message);
    this.code = code;
    this.provider = init.provider;
    this.retryable = init.retryable ?? TRANSIENT_CODES.has(code);
    this.retryAfterMs = init.retryAfterMs;
    this.providerStatus = init.providerStatus;
    this.providerCode = identifier(init.providerCode);
    this.traceId = identifier(init.traceId);
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Whether a value is a TokenError, also one made by another copy of this package. */
  static is(value: unknown): value is TokenError {
    return typeof value === "object" && value !== null && MARKER in value;
  }

  /** Everything but the stack. */
  toJSON() {
    const { name, code, message, provider, retryable, retryAfterMs, providerStatus, providerCode, traceId } = this;
    return { name, code, message, provider, retryable, retryAfterMs, providerStatus, providerCode, traceId };
  }
}

function identifier(text: string | undefined): string | undefined {
  return text !== undefined && IDENTIFIER.test(text) ? text : undefined;
}
