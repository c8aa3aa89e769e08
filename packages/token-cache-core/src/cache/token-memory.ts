import type { TokenError } from "../contract/token-error.ts";
import type { Reporter } from "../contract/token-events.ts";
import type { IssuedToken, TokenSource } from "../contract/token-source.ts";
import { type Clock, elapsedMs, type Instant, instant } from "../time/clock.ts";
import { SieveMap } from "./bounded-map.ts";
import { type HeldToken, holdToken } from "./cached-token.ts";
import type { TokenFlight } from "./flight.ts";
import { lifeOfSameToken, outlives, tokenLife } from "./freshness.ts";
import { Setback } from "./negative-cache.ts";
import { RememberingSource } from "./remembering-source.ts";

/** What a process knows of each identity: its token, and what went wrong with it lately. Bounded. */
export class TokenMemory {
  readonly #held: SieveMap<HeldToken>;
  readonly #setbacks: SieveMap<Setback>;
  readonly #clock: Clock;
  readonly #report: Reporter;

  constructor(maxIdentities: number, clock: Clock, report: Reporter) {
    this.#held = new SieveMap(maxIdentities, (held) =>
      report(held, { type: "evicted", tokenId: held.token.id, reason: "capacity" }),
    );
    this.#setbacks = new SieveMap(maxIdentities);
    this.#clock = clock;
    this.#report = report;
  }

  /** The token to use, fresh or not: what the source remembers, if it is still here, else what is found by its key. */
  get(source: TokenSource): HeldToken | undefined {
    const last = RememberingSource.lastHeld(source);
    if (last !== undefined && this.#held.use(last)) return last;
    const held = this.#held.get(source.key);
    RememberingSource.remember(source, held);
    return held;
  }

  /** The token if it may be handed out. Does not count as a use. */
  peek(key: string, now: Instant): HeldToken | undefined {
    const held = this.#held.peek(key);
    return held?.isUsable(now) ? held : undefined;
  }

  /** The error to answer with instead of asking the provider again so soon. */
  rememberedFailure(key: string, now: Instant, inBackground: boolean): TokenError | undefined {
    return this.#setbacks.get(key)?.remembered(now, inBackground);
  }

  /** The token that the API refused last, until another one is there. */
  refusedTokenId(key: string): string | undefined {
    return this.#setbacks.peek(key)?.refusedTokenId;
  }

  /** Whether another token than this refused one will not help now. */
  isBeyondHelp(key: string, tokenId: string, now: Instant): boolean {
    return this.#setbacks.peek(key)?.isBeyondHelp(tokenId, now) ?? false;
  }

  /** Drops the token, if it is the one with this id. Whether it was. */
  invalidate(source: TokenSource, tokenId: string): boolean {
    if (this.#held.peek(source.key)?.token.id !== tokenId) return false;
    this.#held.delete(source.key);
    this.#report(source, { type: "evicted", tokenId, reason: "invalidated" });
    return true;
  }

  /** Drops the token, if it is the one with this id, and remembers that the API refused it. */
  refuse(key: string, tokenId: string): void {
    const held = this.#held.peek(key);
    if (held === undefined) {
      const setback = this.#setbackOf(key);
      if (setback.refusedTokenId === undefined) setback.refused(tokenId, undefined, instant(this.#clock));
    } else if (held.token.id === tokenId) {
      this.#held.delete(key);
      this.#setbackOf(key).refused(tokenId, held.life, instant(this.#clock));
      this.#report(held, { type: "refused", tokenId });
    }
  }

  /** Takes over what another process issued, if it is usable, outlives what is here, and is not what the API refused. */
  adopt(source: TokenSource, found: IssuedToken, flight: TokenFlight): HeldToken | undefined {
    const now = instant(this.#clock);
    const held = holdToken(source, found, tokenLife(source.policy, found.sentAt, found.lifetimeMs));
    const current = this.#held.peek(source.key);
    const isNews = current === undefined || outlives(held.life, current.life, now);
    if (!isNews || !held.isUsable(now) || held.token.id === flight.refusedTokenId) return undefined;
    this.#succeeded(held, flight, now);
    const { id: tokenId, expiresAt } = held.token;
    this.#report(source, { type: "adopted", tokenId, expiresAt, durationMs: elapsedMs(flight.startedAt, now) });
    return held;
  }

  /** Keeps an issued token. The same one coming back is an outcome of its own and starts no storm (case 3). */
  keep(source: TokenSource, issued: IssuedToken, flight: TokenFlight): HeldToken {
    const now = instant(this.#clock);
    const issuedLife = tokenLife(source.policy, issued.sentAt, issued.lifetimeMs);
    let held = holdToken(source, issued, issuedLife);
    const tokenId = held.token.id;

    const setback = this.#setbacks.peek(source.key);
    const before = this.#held.peek(source.key);
    const lifeBefore = before?.token.id === tokenId ? before.life : setback?.lifeOfRefused(tokenId);
    if (lifeBefore !== undefined) {
      held = holdToken(source, issued, lifeOfSameToken(source.policy, lifeBefore, issuedLife, now));
    }
    this.#succeeded(held, flight, now);

    const type = lifeBefore === undefined ? "issued" : "unchanged";
    const { expiresAt } = held.token;
    this.#report(source, { type, tokenId, expiresAt, durationMs: elapsedMs(flight.startedAt, now) });
    return held;
  }

  /** Remembers that a flight failed. */
  failed(source: TokenSource, error: TokenError, flight: TokenFlight): void {
    const now = instant(this.#clock);
    this.#setbackOf(source.key).failed(error, now);
    this.#report(source, {
      type: "renewal_failed",
      code: error.code,
      durationMs: elapsedMs(flight.startedAt, now),
      servedTokenId: this.peek(source.key, now)?.token.id,
    });
  }

  clear(): void {
    this.#held.clear();
    this.#setbacks.clear();
  }

  #succeeded(held: HeldToken, flight: TokenFlight, now: Instant): void {
    const setback = this.#setbacks.peek(held.key);
    setback?.succeeded(held.token.id, flight.refusedTokenId === held.token.id, now);
    if (setback?.isOver) this.#setbacks.delete(held.key);
    this.#held.set(held);
  }

  #setbackOf(key: string): Setback {
    let setback = this.#setbacks.get(key);
    if (setback === undefined) {
      setback = new Setback(key);
      this.#setbacks.set(setback);
    }
    return setback;
  }
}
