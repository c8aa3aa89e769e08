import { createHash } from "node:crypto";
import { Gateway, laneOf } from "./gateway.ts";
import type { LaneName } from "./limits.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Regime } from "./regimes.ts";
import { isAccepted, type Rotation, type Secret } from "./rotation.ts";
import type { Weather } from "./weather.ts";
import { EPOCH_MS, type Machine, type World } from "./world.ts";

/** Every secret of a schedule holds this text, so that a leak is found wherever it goes. */
export const SECRET_MARK = "s3cr3t";

export const TOKEN_URL = new URL("https://auth.example/token");
export const API_URL = "https://api.example/orders";
export const UPLOAD_URL = "https://api.example/uploads";

/** {@link AccessToken.id} as it is documented. */
const tokenId = (value: string) => createHash("sha256").update(value).digest("hex").slice(0, 16);

/** A token as it truly is: no process knows this. */
export interface TrueToken {
  readonly value: string;
  readonly id: string;
  readonly identity: number;
  /** The secrets that it was sent for. */
  readonly secrets: Set<Secret>;
  readonly issuedAt: number;
  endsAt: number;
  extensions: number;
  revokedAt: number;
  /** When the provider sent it last. */
  sentAt: number;
}

/** What the provider answered to a token request. */
export interface Issue {
  readonly token: TrueToken;
  /** As the answer says it, in seconds. */
  readonly lifetimeS: number;
  /** The same token with the same end was sent before. */
  readonly isWasted: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** The provider's servers, which know the true time. */
export class Provider {
  readonly tokens = new Map<string, TrueToken>();
  /** How many API calls were refused. */
  refusals = 0;
  readonly world: World;
  readonly #regime: Regime;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #latest = new Map<number, TrueToken>();
  readonly #gateway: Gateway | undefined;
  readonly #countsTokens: boolean;
  readonly #rotation: Rotation | undefined;
  /** An upload takes so long at most, in ms. */
  readonly uploadMs: number;

  constructor(world: World, { regime, limits, rotation }: Plan, random: Random, weather: Weather) {
    this.world = world;
    this.#regime = regime;
    this.#random = random;
    this.#weather = weather;
    this.#gateway = limits && new Gateway(world, limits);
    this.uploadMs = limits?.uploadMs ?? 0;
    this.#countsTokens = limits?.tokens !== undefined;
    this.#rotation = rotation;
    if (rotation?.endsTokens) world.at(rotation.refusedFrom, () => this.#endTokensOfOldSecret());
  }

  token(id: string): TrueToken | undefined {
    return this.tokens.get(id);
  }

  issue(identity: number, secret: Secret): Issue {
    const { now } = this.world;
    const { lifetimeS, sameWhileS, namesFullLifetime, previousDies, replacesRevoked } = this.#regime;
    const { extensions, extensionWindowS, extensionS } = this.#regime;
    const last = this.#latest.get(identity);
    const leftS = last === undefined ? 0 : (last.endsAt - now) / 1_000;
    const isGood = last !== undefined && (last.revokedAt > now || !replacesRevoked);
    if (last !== undefined && isGood && sameWhileS !== null && leftS > sameWhileS) {
      const extends_ = leftS <= extensionWindowS && last.extensions < extensions;
      if (extends_) {
        last.extensions++;
        last.endsAt += extensionS * 1_000;
      }
      last.sentAt = now;
      last.secrets.add(secret);
      const namedS = namesFullLifetime ? lifetimeS : Math.floor((last.endsAt - now) / 1_000);
      return { token: last, lifetimeS: namedS, isWasted: !extends_ };
    }
    if (previousDies && last !== undefined) last.revokedAt = Math.min(last.revokedAt, now);
    const value = `${SECRET_MARK}-token-${identity}-${this.tokens.size}-${this.#random.whole(0, 1e9)}`;
    const token: TrueToken = {
      value,
      id: tokenId(value),
      identity,
      secrets: new Set([secret]),
      issuedAt: now,
      endsAt: now + lifetimeS * 1_000,
      extensions: 0,
      revokedAt: Number.POSITIVE_INFINITY,
      sentAt: now,
    };
    this.tokens.set(token.id, token);
    this.#latest.set(identity, token);
    return { token, lifetimeS, isWasted: false };
  }

  revoke(identity: number): void {
    const last = this.#latest.get(identity);
    if (last !== undefined) last.revokedAt = Math.min(last.revokedAt, this.world.now);
  }

  #endTokensOfOldSecret(): void {
    const { now } = this.world;
    for (const token of this.tokens.values()) {
      if (!token.secrets.has("new")) token.revokedAt = Math.min(token.revokedAt, now);
    }
  }

  /** Answers a token request, or says why it does not. */
  answerTokenRequest(identity: number, secret: Secret): Answer & { readonly issue?: Issue } {
    if (this.#rotation !== undefined && !isAccepted(this.#rotation, secret, this.world.now)) return { status: 401 };
    if (this.#weather.strikes("provider down")) return { status: 503 };
    if (this.#weather.strikes("provider denies")) return { status: 401 };
    const counted = this.#countsTokens ? this.#gateway?.answer("tokens") : undefined;
    if (counted?.status === 429) return counted;
    const limit = this.#weather.strikes("provider limits");
    if (limit !== undefined) {
      return { status: 429, headers: limit.ms > 0 ? { "retry-after": String(limit.ms / 1_000) } : {} };
    }
    const issue = this.issue(identity, secret);
    if (this.#weather.strikes("provider names nonsense")) {
      const nonsense = this.#random.oneOf([0, -1, 1e12, "soon", null]);
      return { status: 200, body: { access_token: issue.token.value, expires_in: nonsense } };
    }
    return { status: 200, ...counted, issue, body: { access_token: issue.token.value, expires_in: issue.lifetimeS } };
  }

  /** Answers an API call. */
  answerApiCall(authorization: string | null, lane: LaneName = "reads"): Answer {
    const { now } = this.world;
    const token = this.tokens.get(tokenId(authorization?.replace(/^Bearer /, "") ?? ""));
    const isYoung =
      token !== undefined && now - token.issuedAt < 900 && this.#weather.strikes("api lags") !== undefined;
    const isGood = token !== undefined && now < token.endsAt && now < token.revokedAt && !isYoung;
    if (isGood && this.#weather.strikes("api denies") === undefined) {
      return { status: 200, body: { ok: true }, ...this.#gateway?.answer(lane) };
    }
    this.refusals++;
    return { status: 401, body: { code: "bad token" } };
  }
}

/** An answer to a token request as it reaches a process. Moments are true time. */
export interface TokenAnswered {
  readonly identity: number;
  readonly secret: Secret;
  readonly askedAt: number;
  readonly status: number;
  readonly retryAfterMs: number;
  /** The token, where the answer holds one and names a lifetime that can be one. */
  readonly issue: Issue | undefined;
}

/** A client's secret. */
export function secretOf(identity: number, secret: Secret): string {
  return `${SECRET_MARK}-${identity}-${secret}`;
}

function credentialsIn(body: unknown): { identity: number; secret: Secret } {
  const fields = new URLSearchParams(String(body ?? ""));
  return {
    identity: Number(fields.get("client_id") ?? -1),
    secret: fields.get("client_secret")?.endsWith("new") ? "new" : "old",
  };
}

/** What the rules hear of the provider. */
export interface ProviderWitness {
  asked(identity: number, secret: Secret): void;
  answered(answer: TokenAnswered): void;
  /** An API request of the call with this number was sent. */
  sentInTurn(number: number): void;
  answeredInTurn(number: number, status: number, closedForMs: number | undefined): void;
}

/** A process's way to the provider: a `fetch` with a network in between. */
export function providerFetch(
  provider: Provider,
  machine: Machine,
  random: Random,
  weather: Weather,
  witness: ProviderWitness,
): typeof globalThis.fetch {
  // Half of all fetches that applications pass in do not heed the signal.
  const heedsSignal = random.chance(0.7);
  return (input, init) =>
    new Promise((resolve, reject) => {
      const askedAt = provider.world.now;
      const url = String(input);
      const isTokenRequest = url === TOKEN_URL.href;
      const { identity, secret } = credentialsIn(isTokenRequest ? init?.body : undefined);
      const call = new URL(url).searchParams.get("call");
      const lane = laneOf({ method: init?.method ?? "GET", url: new URL(url) });
      const servingMs = lane === "uploads" ? random.share() * provider.uploadMs : 0;
      if (isTokenRequest) witness.asked(identity, secret);
      if (call !== null) witness.sentInTurn(Number(call));
      if (heedsSignal) init?.signal?.addEventListener("abort", () => reject(init.signal?.reason), { once: true });
      if (weather.strikes("provider unreachable")) {
        machine.after(random.between(0, 300), () => reject(new TypeError("fetch failed")));
        return;
      }
      if (weather.strikes("provider hangs")) return;
      const slowMs = isTokenRequest ? (weather.strikes("provider slow")?.ms ?? 0) : 0;
      const isLost = weather.strikes("provider loses answers") !== undefined;
      const headers = new Headers(init?.headers);
      provider.world.after(random.between(1, 60) + random.share() * slowMs, () => {
        const answer: Answer & { issue?: Issue } = isTokenRequest
          ? provider.answerTokenRequest(identity, secret)
          : provider.answerApiCall(headers.get("authorization"), lane);
        const date = new Date(EPOCH_MS + provider.world.now).toUTCString();
        machine.after(random.between(1, 60) + random.share() * slowMs + servingMs, () => {
          // Whoever has stopped waiting hears of nothing, but where the fetch does not heed the signal.
          if (init?.signal?.aborted && (heedsSignal || isTokenRequest)) return;
          if (isLost) return reject(new TypeError("fetch failed"));
          if (isTokenRequest) {
            const { issue, status } = answer;
            const retryAfterMs = 1_000 * Number(answer.headers?.["retry-after"] ?? 0);
            witness.answered({ identity, secret, askedAt, status, retryAfterMs, issue });
          }
          const closed = answer.headers?.["closed"];
          if (call !== null) {
            witness.answeredInTurn(Number(call), answer.status, closed === undefined ? undefined : Number(closed));
          }
          resolve(new Response(JSON.stringify(answer.body ?? {}), { ...answer, headers: { date, ...answer.headers } }));
        });
      });
    });
}
