import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isRecord } from "../input-checks.ts";
import { AcceptedCredentials } from "../provider/accepted-credentials.ts";
import type { ProviderEmulation, ProviderProblem, Side } from "../provider/provider.ts";
import { type IssuedToken, TokenLedger } from "../provider/token-ledger.ts";
import {
  type Answer,
  bearerToken,
  FORM_MEDIA_TYPE,
  formParameters,
  jsonAnswer,
  parseJson,
  type ReceivedRequest,
} from "../server/http-message.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import { checkedIamportRules, type IamportAccount, type IamportRules } from "./options.ts";

/** Documented: a request within the last minute before expiry moves the expiry. */
const EXTENSION_WINDOW_MS = 60_000;
const EXTENSION_MS = 5 * 60_000;

/** The emulator keeps each id. */
const MAX_UID_LENGTH = 200;

const UNAUTHORIZED_KEYS = "인증에 실패하였습니다. API키와 secret을 확인하세요.";
const MISSING_KEYS = "imp_key, imp_secret 파라메터가 누락되었습니다.";

interface Holder {
  extended: boolean;
}

/** iamport (PortOne V1): an envelope around each answer, times in epoch seconds, one token per key that is returned again. */
export class IamportEmulation implements ProviderEmulation {
  readonly tokenPath = "/iamport/users/getToken";
  readonly apiPath = "/iamport";
  readonly accessToken = accessTokenOf;
  readonly ledger = new TokenLedger<Holder>();
  readonly rules: ReturnType<typeof checkedIamportRules>;
  readonly accepted: AcceptedCredentials<IamportAccount>;
  readonly #clock: VirtualClock;
  readonly #prepared = new Map<string, number>();

  constructor(rules: IamportRules, clock: VirtualClock) {
    this.rules = checkedIamportRules(rules);
    const fields = { id: "impKey", secret: "impSecret" } as const;
    this.accepted = new AcceptedCredentials(this.rules.accounts, fields, () => randomBytes(40).toString("hex"));
    this.#clock = clock;
  }

  token(request: ReceivedRequest): Answer {
    if (request.method !== "POST") return failure(405, "Method Not Allowed");
    const { imp_key: impKey, imp_secret: impSecret } = parameters(request);
    if (typeof impKey !== "string" || typeof impSecret !== "string" || impKey === "" || impSecret === "") {
      return failure(400, MISSING_KEYS);
    }
    if (!this.#knows(impKey, impSecret)) {
      const echo = this.rules.echoCredentials ? ` (imp_key: ${impKey}, imp_secret: ${impSecret})` : "";
      return failure(401, UNAUTHORIZED_KEYS + echo);
    }
    const token = this.#tokenOf(impKey);
    return success({
      access_token: token.value,
      now: this.#nowSeconds(),
      expired_at: token.expiresAt / 1000,
    });
  }

  api(request: ReceivedRequest, path: string): Answer {
    const token = this.ledger.accepted(this.accessToken(request.headers), this.#clock.now(), this.rules.propagationMs);
    if (token === undefined) return failure(401, "Unauthorized");
    const { tier } = request.headers;
    if (typeof tier === "string" && this.rules.tiers !== "any" && !this.rules.tiers.includes(tier)) {
      return failure(403, "Tier 코드를 확인하세요.");
    }
    if (path === "/payments/prepare" && request.method === "POST") return this.#prepare(request);
    const impUid = /^\/payments\/([^/]+)$/.exec(path)?.[1];
    if (impUid === undefined) return failure(404, "Not Found");
    return request.method === "GET" ? this.#payment(impUid) : failure(405, "Method Not Allowed");
  }

  problem(side: Side, { code, message, status }: ProviderProblem): Answer {
    const otherwise = side === "token" ? UNAUTHORIZED_KEYS : "Unauthorized";
    return failure(status ?? 401, message ?? otherwise, code === undefined ? -1 : Number(code));
  }

  tokenless(): Answer {
    return failure(200, UNAUTHORIZED_KEYS);
  }

  /** A number is a lifetime in seconds from the answer's `now`. Any other value replaces `expired_at`. */
  withLifetime(tokenAnswer: Record<string, unknown>, lifetime: unknown): Record<string, unknown> {
    const token = tokenAnswer["response"];
    if (!isRecord(token)) return tokenAnswer;
    const expiredAt = typeof lifetime === "number" ? Number(token["now"]) + lifetime : lifetime;
    return { ...tokenAnswer, response: { ...token, expired_at: expiredAt } };
  }

  /** iamport refuses wrong requests; it has no penalty. */
  offForm(): readonly string[] {
    return [];
  }

  reset(): void {
    this.accepted.reset();
    this.ledger.clear();
    this.#prepared.clear();
  }

  #knows(impKey: string, impSecret: string): boolean {
    const accounts = this.accepted.at(this.#clock.now());
    if (accounts === "any") return true;
    return accounts.some((account) => account.impKey === impKey && account.impSecret === impSecret);
  }

  /** Before expiry the same token, extended in its last minute; after expiry a new token. */
  #tokenOf(impKey: string): IssuedToken<Holder> {
    const now = this.#clock.now();
    const held = this.ledger.current(impKey, now);
    if (held === undefined) {
      return this.ledger.issue({
        value: randomBytes(20).toString("hex"),
        identity: impKey,
        holder: { extended: false },
        issuedAt: now,
        expiresAt: (this.#nowSeconds() + this.rules.lifetimeSeconds) * 1000,
      });
    }
    const mayExtend = this.rules.extension === "repeats" || !held.holder.extended;
    if (mayExtend && held.expiresAt - now <= EXTENSION_WINDOW_MS) {
      held.expiresAt += EXTENSION_MS;
      held.holder.extended = true;
    }
    return held;
  }

  #payment(impUid: string): Answer {
    if (!this.rules.payments.includes(impUid)) return failure(404, "존재하지 않는 결제정보입니다.");
    return success({
      imp_uid: impUid,
      merchant_uid: `order_${impUid}`,
      pay_method: "card",
      amount: 1000,
      currency: "KRW",
      status: "paid",
      paid_at: this.#nowSeconds(),
    });
  }

  /** Registers an amount before the payment. The second time for one order is an error with HTTP 200. */
  #prepare(request: ReceivedRequest): Answer {
    const { merchant_uid: merchantUid, amount: rawAmount } = parameters(request);
    const amount = typeof rawAmount === "string" || typeof rawAmount === "number" ? Number(rawAmount) : 0;
    const isUsable = typeof merchantUid === "string" && merchantUid !== "" && merchantUid.length <= MAX_UID_LENGTH;
    if (!isUsable || !(amount > 0)) {
      return failure(400, "merchant_uid, amount 파라메터를 확인하세요.");
    }
    if (this.#prepared.has(merchantUid)) return failure(200, "이미 등록된 merchant_uid입니다.", 1);
    this.#prepared.set(merchantUid, amount);
    return success({ merchant_uid: merchantUid, amount });
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

/** The header that some V1 clients send instead of `Authorization`. */
const TOKEN_HEADER = "x-imptokenheader";

/**
 * The three ways to send a token, as iamport's staff lists them: `Authorization: Bearer <token>`, the same header without
 * a scheme, and `X-ImpTokenHeader`. `Authorization` wins.
 */
function accessTokenOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization, [TOKEN_HEADER]: header } = headers;
  if (authorization !== undefined) return bearerToken(headers) ?? authorization.trim();
  return typeof header === "string" ? header.trim() : undefined;
}

/** The documents send JSON. The server also reads a form, and JSON without a content type. */
function parameters(request: ReceivedRequest): Record<string, unknown> {
  if (request.mediaType === FORM_MEDIA_TYPE) return Object.fromEntries(formParameters(request));
  const body = parseJson(request.body.toString("utf8"));
  return isRecord(body) ? body : {};
}

function success(response: unknown): Answer {
  return jsonAnswer(200, { code: 0, message: null, response });
}

function failure(status: number, message: string, code = -1): Answer {
  return jsonAnswer(status, { code, message, response: null });
}
