import type { ClockOffset } from "../time/server-clock.ts";
import type { TokenErrorCode } from "./token-error.ts";
import type { CredentialsOutcome } from "./token-source.ts";
import type { StoreOperation } from "./token-store.ts";

/** Why a new token is requested. */
export type IssueReason = "missing" | "stale" | "expired" | "forced" | "refused";

/** What happened to the token of one identity. Tokens go by their {@link AccessToken.id}. */
export type TokenEventDetail =
  /** A fresh token was handed out from memory. */
  | { readonly type: "hit"; readonly tokenId: string }
  /** A stale token was handed out from memory. A background refresh runs, or starts when the backoff is over. */
  | { readonly type: "stale_hit"; readonly tokenId: string }
  /** A single flight began: one shared attempt to get a new token. `background`: no caller waits for it yet. */
  | { readonly type: "flight_started"; readonly reason: IssueReason; readonly background: boolean }
  /** One more caller waits for a running flight. */
  | { readonly type: "flight_joined"; readonly reason: IssueReason }
  /** One token request failed with a transient error. The next attempt follows in `retryInMs`. */
  | {
      readonly type: "attempt_failed";
      readonly code: TokenErrorCode;
      readonly attempt: number;
      readonly retryInMs: number;
    }
  /** The provider issued a new token. `expiresAt`: epoch ms. */
  | { readonly type: "issued"; readonly tokenId: string; readonly expiresAt: number; readonly durationMs: number }
  /** The provider sent the same token again; its expiry may have moved. */
  | { readonly type: "unchanged"; readonly tokenId: string; readonly expiresAt: number; readonly durationMs: number }
  /** Another process's token was adopted from the store. */
  | { readonly type: "adopted"; readonly tokenId: string; readonly expiresAt: number; readonly durationMs: number }
  /** The flight failed, all attempts included. `servedTokenId`: the token in memory that is still served. */
  | {
      readonly type: "renewal_failed";
      readonly code: TokenErrorCode;
      readonly durationMs: number;
      readonly servedTokenId: string | undefined;
    }
  /** The API refused a token, which was dropped. */
  | { readonly type: "refused"; readonly tokenId: string }
  /** The function in the option `credentials` was called. `key` is that of the credentials that are known now. */
  | {
      readonly type: "credentials_fetched";
      readonly outcome: CredentialsOutcome;
      readonly durationMs: number;
    }
  /** A token left memory, to make room or because it was invalidated. */
  | { readonly type: "evicted"; readonly tokenId: string; readonly reason: "capacity" | "invalidated" };

/** What happened. No event holds a token, a secret or a signature. */
export type TokenEvent =
  | ({ readonly provider: string; readonly key: string } & TokenEventDetail)
  /** The clock of a provider's host was synced for the first time, or again after a step of either clock. */
  | {
      readonly type: "clock_synced";
      readonly provider: string;
      readonly origin: string;
      readonly offset: ClockOffset;
    }
  /**
   * The store failed and its circuit breaker opens for a while (`reason`: an error's name, or `timeout`); or an entry is
   * unreadable and counts as missing (`unknown_version`, `unknown_key`, `damaged`, `other_identity`).
   */
  | {
      readonly type: "store_failed";
      readonly operation: StoreOperation;
      readonly key: string;
      readonly reason: string;
    }
  | RateLimitEvent;

/** What happened in a lane: what a provider counts together. `lane` names its method and route. */
export type RateLimitEvent = { readonly provider: string } & (
  | {
      /** A call waited, and has its turn now. `waiting`: how many others still wait. */
      readonly type: "call_waited";
      readonly lane: string;
      readonly waitedMs: number;
      readonly waiting: number;
    }
  /** The provider refused a call for its rate. Its lane pauses for `pauseMs`. */
  | { readonly type: "call_refused"; readonly lane: string; readonly status: number; readonly pauseMs: number }
  /** An answer told another limit than was known: calls a second, and how many may come at once. */
  | {
      readonly type: "limit_learnt";
      readonly lane: string;
      readonly perSecond: number;
      readonly burst: number | undefined;
      /** What this warns of, if it is a bad sign. */
      readonly warning: string | undefined;
    }
  /** An application's quota is used up: all its lanes are closed for `forMs`. `group`: the hash of the application. */
  | { readonly type: "lanes_closed"; readonly group: string; readonly forMs: number; readonly message: string }
  /** An application's lanes are open again. */
  | { readonly type: "lanes_opened"; readonly group: string }
);

/** Receives every event as it happens. Keep it quick: it runs inside `getToken`. Its errors are ignored. */
export type TokenObserver = (event: TokenEvent) => void;

/** Reports what happened to the token of one identity. `flight`: in which flight, if it is watched. */
export type Reporter = (
  of: { readonly provider: string; readonly key: string },
  detail: TokenEventDetail,
  flight?: { observe(detail: TokenEventDetail): void } | undefined,
) => void;
