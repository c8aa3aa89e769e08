import { randomBytes } from "node:crypto";
import { AcceptedCredentials } from "../provider/accepted-credentials.ts";
import type { ProviderEmulation, ProviderProblem, Side } from "../provider/provider.ts";
import { RequestWindows } from "../provider/request-windows.ts";
import { TokenLedger } from "../provider/token-ledger.ts";
import {
  type Answer,
  bearerToken,
  FORM_MEDIA_TYPE,
  formParameters,
  jsonAnswer,
  type ReceivedRequest,
} from "../server/http-message.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import { TossApi, tossFailure } from "./api.ts";
import { checkedTossRules, type TossRules, type TossSeller } from "./options.ts";
import { TossRateLimits } from "./rate-limits.ts";

interface Holder {
  accessKey: string;
}

/** Toss Shopping: an OAuth 2 token endpoint, and an API that returns most of its errors with HTTP 200. */
export class TossEmulation implements ProviderEmulation {
  readonly tokenPath = "/toss/token";
  readonly apiPath = "/toss/api/v3/shopping-fep";
  readonly accessToken = bearerToken;
  readonly ledger = new TokenLedger<Holder>();
  readonly rules: ReturnType<typeof checkedTossRules>;
  readonly accepted: AcceptedCredentials<TossSeller>;
  readonly #clock: VirtualClock;
  readonly #api: TossApi;
  readonly #limits: TossRateLimits;
  readonly #tokenWindows = new RequestWindows("fixed");

  constructor(rules: TossRules, clock: VirtualClock) {
    this.rules = checkedTossRules(rules);
    const fields = { id: "accessKey", secret: "secretKey" } as const;
    this.accepted = new AcceptedCredentials(this.rules.sellers, fields, () => randomBytes(24).toString("base64url"));
    this.#clock = clock;
    this.#api = new TossApi(this.rules.solutionCodes);
    this.#limits = new TossRateLimits(this.rules, clock);
  }

  token(request: ReceivedRequest): Answer {
    if (request.method !== "POST") return oauthError(405, "invalid_request", "Use POST.", { Allow: "POST" });
    if (request.mediaType !== FORM_MEDIA_TYPE) {
      return oauthError(400, "invalid_request", `Content-Type must be ${FORM_MEDIA_TYPE}.`);
    }
    const form = formParameters(request);
    if (!form.has("grant_type")) return oauthError(400, "invalid_request", "grant_type is missing.");
    if (form.get("grant_type") !== "client_credentials") {
      return oauthError(400, "unsupported_grant_type", "grant_type must be client_credentials.");
    }
    // The documents also say clientId and clientSecret in a table, but the server reads snake_case names only.
    const accessKey = form.get("client_id");
    if (!accessKey || !this.#knows(accessKey, form.get("client_secret"))) return this.#invalidClient();
    const scope = form.get("scope");
    if (scope === null || !this.rules.scopes.includes(scope)) {
      return oauthError(400, "invalid_scope", `scope must be ${this.rules.scopes.join(" or ")}.`);
    }
    return this.#limited(accessKey) ?? this.#issue(accessKey, scope);
  }

  api(request: ReceivedRequest, path: string): Answer {
    const token = this.ledger.accepted(this.accessToken(request.headers), this.#clock.now(), this.rules.propagationMs);
    if (token === undefined) return this.problem("api", { code: "UNAUTHORIZED", status: 401 });
    const answer = () => this.#api.answer(request, path);
    const { rateLimit } = this.rules;
    if (rateLimit === undefined || this.#limits.admits(token.holder.accessKey, request.method, path)) return answer();
    if (rateLimit.refusedRequests === "processed") answer();
    return { ...this.problem("api", { code: "TOO_MANY_REQUEST" }), limitedBy: "rate" };
  }

  problem(side: Side, { code, message, status }: ProviderProblem): Answer {
    if (side === "api") return tossFailure(status ?? 200, code ?? "INTERNAL_SERVER_ERROR", message);
    if (code === undefined || code === "invalid_client") return this.#invalidClient(message, status);
    return oauthError(status ?? 400, code, message ?? "The request was refused.");
  }

  tokenless(): Answer {
    return oauthError(200, "server_error", "No token could be issued.");
  }

  withLifetime(tokenAnswer: Record<string, unknown>, lifetime: unknown): Record<string, unknown> {
    return { ...tokenAnswer, expires_in: lifetime };
  }

  /** Toss refuses wrong requests; it has no penalty. */
  offForm(): readonly string[] {
    return [];
  }

  reset(): void {
    this.accepted.reset();
    this.ledger.clear();
    this.#api.reset();
    this.#limits.clear();
    this.#tokenWindows.clear();
  }

  #knows(accessKey: string, secretKey: string | null): boolean {
    const sellers = this.accepted.at(this.#clock.now());
    if (sellers === "any") return Boolean(secretKey);
    return sellers.some((seller) => seller.accessKey === accessKey && seller.secretKey === secretKey);
  }

  #limited(accessKey: string): Answer | undefined {
    const limit = this.rules.tokenRateLimit;
    if (limit === undefined) return undefined;
    const window = { requests: limit.requests, windowMs: limit.perSeconds * 1000 };
    if (this.#tokenWindows.take(accessKey, this.#clock.now(), window) >= 0) return undefined;
    const retryAfter: Record<string, string> =
      limit.retryAfterSeconds === undefined ? {} : { "Retry-After": String(limit.retryAfterSeconds) };
    const refusal = oauthError(429, "too_many_requests", "Too many token requests.", retryAfter);
    return { ...refusal, limitedBy: "rate" };
  }

  #issue(accessKey: string, scope: string): Answer {
    const now = this.#clock.now();
    // The same host serves other Toss products by scope: a token belongs to a key and a scope.
    const identity = `${accessKey} ${scope}`;
    const held = this.rules.reissue === "same-token" ? this.ledger.current(identity, now) : undefined;
    if (held === undefined && this.rules.previousToken === "dies") this.ledger.revokeCurrent(identity);
    const token =
      held ??
      this.ledger.issue({
        value: randomBytes(32).toString("base64url"),
        identity,
        holder: { accessKey },
        issuedAt: now,
        expiresAt: now + this.rules.lifetimeSeconds * 1000,
      });
    return jsonAnswer(
      200,
      {
        access_token: token.value,
        scope,
        token_type: "Bearer",
        expires_in: Math.floor((token.expiresAt - now) / 1000),
      },
      { "Cache-Control": "no-store" },
    );
  }

  #invalidClient(message = "Client authentication failed.", status: number = this.rules.errorStatus): Answer {
    return oauthError(status, "invalid_client", message);
  }
}

function oauthError(status: number, error: string, description: string, headers: Record<string, string> = {}): Answer {
  return jsonAnswer(status, { error, error_description: description }, { "Cache-Control": "no-store", ...headers });
}
