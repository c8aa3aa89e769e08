import { randomBytes } from "node:crypto";
import { AcceptedCredentials } from "../provider/accepted-credentials.ts";
import type { ProviderEmulation, ProviderProblem, Side } from "../provider/provider.ts";
import { TokenLedger } from "../provider/token-ledger.ts";
import { type Answer, bearerToken, type ReceivedRequest } from "../server/http-message.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import { type NaverApiCaller, naverApiAnswer, naverRouteOf } from "./api.ts";
import { NaverGateway } from "./gateway.ts";
import { NaverImageUploads } from "./image-uploads.ts";
import {
  type CheckedNaverRules,
  checkedNaverRules,
  type NaverApplication,
  type NaverRules,
  newClientSecret,
} from "./options.ts";
import { NaverSignatureCheck } from "./signature.ts";
import {
  type NaverRefusal,
  type NaverTokenRequest,
  offFormReasons,
  readTokenRequest,
  refusalOf,
} from "./token-request.ts";

/** The Naver Commerce API: signed token requests, one token per resource that is returned again, a gateway in front. */
export class NaverEmulation implements ProviderEmulation {
  readonly tokenPath = "/naver/external/v1/oauth2/token";
  readonly apiPath = "/naver/external";
  readonly accessToken = bearerToken;
  readonly ledger = new TokenLedger<NaverApiCaller>();
  readonly rules: CheckedNaverRules;
  readonly accepted: AcceptedCredentials<NaverApplication>;
  readonly #clock: VirtualClock;
  readonly #gateway: NaverGateway;
  readonly #signatures = new NaverSignatureCheck();
  readonly #uploads: NaverImageUploads;

  constructor(rules: NaverRules, clock: VirtualClock) {
    this.rules = checkedNaverRules(rules);
    const fields = { id: "clientId", secret: "clientSecret" } as const;
    this.accepted = new AcceptedCredentials(this.rules.applications, fields, newClientSecret);
    this.#clock = clock;
    this.#gateway = new NaverGateway(this.rules, clock);
    this.#uploads = new NaverImageUploads(this.rules, clock, this.#gateway);
  }

  async token(request: ReceivedRequest): Promise<Answer> {
    if (request.method !== "POST") return this.#gateway.error("GW.NOT_FOUND");
    const asked = readTokenRequest(request);
    if ("reason" in asked) return this.#refused(asked);
    const now = this.#clock.now();
    const rules = { ...this.rules, applications: this.accepted.at(now) };
    const refusal = refusalOf(asked, rules, this.#signatures, now);
    if (refusal !== undefined) return this.#refused(refusal);
    return this.#gateway.limitTokenRequest(asked.clientId, () => {
      // An off-form request gets its token. The penalty comes later, for the whole application.
      if (this.offForm(request).length > 0) this.#gateway.noteOffForm(asked.clientId);
      return this.#issue(asked);
    });
  }

  async api(request: ReceivedRequest, path: string): Promise<Answer> {
    const token = this.ledger.accepted(this.accessToken(request.headers), this.#clock.now(), this.rules.propagationMs);
    if (token === undefined) return this.#gateway.error("GW.AUTHN");
    const caller = token.holder;
    const route = naverRouteOf(request.method, path);
    const counted = { clientId: caller.clientId, accountId: caller.accountId, route: route?.name ?? "unknown" };
    return this.#gateway.limitCall(counted, () => {
      if (route === undefined) return this.#gateway.error("GW.NOT_FOUND");
      if (this.rules.deniedRoutes.includes(route.name)) return this.#denied();
      if (route.name === "product-images") return this.#uploads.answer(caller);
      return naverApiAnswer(route, request, caller, this.#gateway);
    });
  }

  problem(_side: Side, { code, message, status }: ProviderProblem): Answer {
    if (code !== undefined && !code.startsWith("GW.")) return this.#gateway.serviceError(status ?? 500, code, message);
    return this.#gateway.error(code ?? "GW.INTERNAL_SERVER_ERROR", message, status);
  }

  tokenless(): Answer {
    return this.#gateway.error("GW.INTERNAL_SERVER_ERROR", undefined, 200);
  }

  withLifetime(tokenAnswer: Record<string, unknown>, lifetime: unknown): Record<string, unknown> {
    return { ...tokenAnswer, expires_in: lifetime };
  }

  offForm(request: ReceivedRequest): readonly string[] {
    return offFormReasons(request);
  }

  reset(): void {
    this.accepted.reset();
    this.ledger.clear();
    this.#gateway.reset();
    this.#uploads.reset();
  }

  #refused({ reason, invalidInputs }: NaverRefusal): Answer {
    const { clockRefusalStatus, signatureRefusalStatus } = this.rules;
    const status = {
      parameters: 400,
      clock: clockRefusalStatus,
      signature: signatureRefusalStatus,
      account: 400,
    } as const;
    return this.#gateway.invalidInputs(status[reason], invalidInputs);
  }

  #denied(): Answer {
    const { missingPermission } = this.rules;
    if (missingPermission === "403 GW.AUTHN") return this.#gateway.error("GW.AUTHN", undefined, 403);
    return this.#gateway.error(missingPermission);
  }

  /** One token per resource (application, type, account). It is returned again until its re-issue window opens. */
  #issue({ clientId, type, accountId }: NaverTokenRequest): Answer {
    const now = this.#clock.now();
    const { lifetimeSeconds, reissueBelowSeconds, expiresInOnReturn } = this.rules;
    const identity = JSON.stringify([clientId, type, accountId]);
    const held = this.ledger.current(identity, now);
    const returned = held !== undefined && held.expiresAt - now >= reissueBelowSeconds * 1000 ? held : undefined;
    const token =
      returned ??
      this.ledger.issue({
        value: randomBytes(16).toString("base64url"),
        identity,
        holder: { clientId, type, accountId },
        issuedAt: now,
        expiresAt: now + lifetimeSeconds * 1000,
      });
    const remaining = Math.floor((token.expiresAt - now) / 1000);
    return this.#gateway.traced(200, {
      access_token: token.value,
      expires_in: expiresInOnReturn === "full" ? lifetimeSeconds : remaining,
      token_type: "Bearer",
    });
  }
}
