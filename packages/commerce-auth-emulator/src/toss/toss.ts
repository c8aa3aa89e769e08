import { randomBytes } from "node:crypto";
import type { ProviderEmulation, ProviderProblem, Side } from "../provider/provider.ts";
import { FixedWindows } from "../provider/rate-limits.ts";
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
import { tossApiAnswer, tossFailure } from "./api.ts";
import { checkedTossRules, type TossRules } from "./rules.ts";

interface Holder {
  accessKey: string;
}

/** Toss Shopping: an OAuth 2 token endpoint, and an API that says most of its errors inside an HTTP 200. */
export class TossEmulation implements ProviderEmulation {
  readonly tokenPath = "/toss/token";
  readonly apiPath = "/toss/api/v3/shopping-fep";
  readonly ledger = new TokenLedger<Holder>();
  readonly rules: ReturnType<typeof checkedTossRules>;
  readonly #clock: VirtualClock;
  readonly #windows = new FixedWindows();

  constructor(rules: TossRules, clock: VirtualClock) {
    this.rules = checkedTossRules(rules);
    this.#clock = clock;
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
    // The prose table of the documents says clientId and clientSecret; the server knows the snake_case names only.
    const accessKey = form.get("client_id");
    if (!accessKey || !this.#knows(accessKey, form.get("client_secret"))) return this.#invalidClient();
    const scope = form.get("scope");
    if (scope === null || !this.rules.scopes.includes(scope)) {
      return oauthError(400, "invalid_scope", `scope must be ${this.rules.scopes.join(" or ")}.`);
    }
    return this.#limited(accessKey) ?? this.#issue(accessKey, scope);
  }

  api(request: ReceivedRequest, path: string): Answer {
    const token = this.ledger.accepted(bearerToken(request.headers), this.#clock.now(), this.rules.propagationMs);
    if (token === undefined) return this.problem("api", { code: "UNAUTHORIZED", status: 401 });
    const limit = this.rules.apiLimit;
    if (limit !== undefined) {
      const [kind, perSecond] =
        request.method === "GET" ? ["read", limit.readsPerSecond] : ["write", limit.writesPerSecond];
      const used = this.#windows.count(`${kind} ${token.holder.accessKey}`, this.#clock.now(), 1000);
      if (used > perSecond) return this.problem("api", { code: "TOO_MANY_REQUEST" });
    }
    return tossApiAnswer(request, path, this.rules.solutionCodes);
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

  /** What this provider does not like it refuses. */
  offForm(): readonly string[] {
    return [];
  }

  reset(): void {
    this.ledger.clear();
    this.#windows.clear();
  }

  #knows(accessKey: string, secretKey: string | null): boolean {
    const { sellers } = this.rules;
    if (sellers === "any") return Boolean(secretKey);
    return sellers.some((seller) => seller.accessKey === accessKey && seller.secretKey === secretKey);
  }

  #limited(accessKey: string): Answer | undefined {
    const limit = this.rules.tokenLimit;
    if (limit === undefined) return undefined;
    if (this.#windows.count(`token ${accessKey}`, this.#clock.now(), limit.perSeconds * 1000) <= limit.requests) return;
    const retryAfter: Record<string, string> =
      limit.retryAfterSeconds === undefined ? {} : { "Retry-After": String(limit.retryAfterSeconds) };
    return oauthError(429, "too_many_requests", "Tokens are asked for too often.", retryAfter);
  }

  #issue(accessKey: string, scope: string): Answer {
    const now = this.#clock.now();
    // The same host serves other Toss products by scope, so a token belongs to a key and a scope.
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
