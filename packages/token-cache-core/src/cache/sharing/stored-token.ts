import { tokenId } from "../../contract/access-token.ts";
import { issuedTokenFault } from "../../contract/issued-token-fault.ts";
import type { IssuedToken } from "../../contract/token-source.ts";
import type { FoundToken, StoredToken, UnreadableEntry } from "../../contract/token-store.ts";
import type { Instant } from "../../time/clock.ts";
import type { CachedToken } from "../cached-token.ts";

/** An entry of another version is a miss: it was written by a newer or older release of this package. */
const VERSION = 1;

/**
 * What a store keeps of a token. The key is part of it: mixed-up replies must not hand one identity's token to another
 * (case 41).
 */
export function encodeStored({ key, token, life }: CachedToken): StoredToken {
  const { value, tokenType, scope, id } = token;
  return { id, payload: JSON.stringify({ v: VERSION, key, value, tokenType, scope, lifetimeMs: life.lifetimeMs }) };
}

/**
 * The key's token as a store kept it, checked as an issued one is. Its life ends when what the store says remains is over.
 *
 * @param readAt when the store was asked: the remaining life counts from then, so it never seems longer than it is
 * @returns the reason why it cannot be used, if {@link encodeStored} did not make it for this key
 */
export function decodeStored(
  key: string,
  { id, payload, remainingMs }: FoundToken,
  readAt: Instant,
): IssuedToken | UnreadableEntry["reason"] {
  const { v, key: storedKey, value, tokenType, scope, lifetimeMs } = parseObject(payload);
  if (v !== VERSION) return isPositive(v) ? "unknown_version" : "damaged";
  if (typeof value !== "string" || typeof tokenType !== "string" || !isPositive(lifetimeMs)) return "damaged";
  if (tokenId(value) !== id || !isPositive(remainingMs)) return "damaged";
  if (storedKey !== key) return "other_identity";
  const ageMs = Math.max(0, lifetimeMs - remainingMs);
  const sentAt = { wall: readAt.wall - ageMs, monotonic: readAt.monotonic - ageMs };
  const token = { value, tokenType, scope: typeof scope === "string" ? scope : undefined, lifetimeMs, sentAt };
  return issuedTokenFault(token) === undefined ? token : "damaged";
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && value > 0;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
