import type { ClockOffset } from "../time/server-clock.ts";
import type { TokenErrorCode } from "./token-error.ts";
import type { StoreOperation } from "./token-store.ts";

/** Why a new token is asked for. */
export type IssueReason = "missing" | "stale" | "expired" | "forced" | "refused";

/** What happened to the token of one identity. Tokens go by their {@link AccessToken.id}. */
export type TokenEventDetail =
  /** A fresh token was handed out from memory. */
  | { readonly type: "hit"; readonly tokenId: string }
  /** A stale token was handed out from memory; a renewal runs behind, or is due when the last failure is past. */
  | { readonly type: "stale_hit"; readonly tokenId: string }
  /** A shared attempt to get a new token began. `background`: nobody waits for it yet. */
  | { readonly type: "flight_started"; readonly reason: IssueReason; readonly background: boolean }
  /** One more caller waits for an attempt that runs already. */
  | { readonly type: "flight_joined"; readonly reason: IssueReason }
  /** One token request failed and is tried again in `retryInMs`. */
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
  /** A token that another process issued was taken over from the store. */
  | { readonly type: "adopted"; readonly tokenId: string; readonly expiresAt: number; readonly durationMs: number }
  /** The flight failed, all attempts included. `servedTokenId`: the token that goes on being served meanwhile. */
  | {
      readonly type: "renewal_failed";
      readonly code: TokenErrorCode;
      readonly durationMs: number;
      readonly servedTokenId: string | undefined;
    }
  /** The API refused a token, which was dropped. */
  | { readonly type: "refused"; readonly tokenId: string }
  /** A token left memory, to make room or because it was invalidated. */
  | { readonly type: "evicted"; readonly tokenId: string; readonly reason: "capacity" | "invalidated" };

/** What happened. No event holds a token, a secret or a signature. */
export type TokenEvent =
  | ({ readonly provider: string; readonly key: string } & TokenEventDetail)
  /** The clock of a provider's host was learnt for the first time, or turned out to have been stepped. */
  | {
      readonly type: "clock_synced";
      readonly provider: string;
      readonly origin: string;
      readonly offset: ClockOffset;
    }
  /**
   * The store failed and is left alone for a while (`reason`: an error's name, or `timeout`), or an entry could not be
   * read and counts as missing (`unknown_version`, `unknown_key`, `damaged`, `other_identity`).
   */
  | {
      readonly type: "store_failed";
      readonly operation: StoreOperation;
      readonly key: string;
      readonly reason: string;
    };

/** Sees every event as it happens. Keep it quick: it runs inside `getToken`. What it throws is ignored. */
export type TokenObserver = (event: TokenEvent) => void;

/** Reports what happened to the token of one identity. */
export type Reporter = (of: { readonly provider: string; readonly key: string }, detail: TokenEventDetail) => void;
