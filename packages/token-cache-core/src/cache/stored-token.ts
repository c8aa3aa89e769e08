import { tokenId } from "../contract/access-token.ts";
import type { IssuedToken } from "../contract/token-source.ts";
import type { FoundToken, StoredToken, UnreadableEntry } from "../contract/token-store.ts";
import type { Instant } from "../time/clock.ts";
import type { CachedToken } from "./cached-token.ts";

/** An entry of another version is a miss: it was written by a newer or older release of this package. */
const VERSION = 1;

/** What a store keeps of a token. */
export function encodeStored({ token, life }: CachedToken): StoredToken {
  const { value, tokenType, scope, id } = token;
  return { id, payload: JSON.stringify({ v: VERSION, value, tokenType, scope, lifetimeMs: life.lifetimeMs }) };
}

/**
 * A token as a store kept it, with its life laid so that what the store says remains is what remains.
 *
 * @param readAt when the store was asked: what remained then is the least that can be counted on
 * @returns why it cannot be read, where it is not what {@link encodeStored} wrote
 */
export function decodeStored(found: FoundToken, readAt: Instant): IssuedToken | UnreadableEntry["reason"] {
  // A store is somebody else's code, and may answer anything.
  const { id, payload, remainingMs } = Object(found) as Partial<FoundToken>;
  const { v, value, tokenType, scope, lifetimeMs } = parseObject(payload);
  if (v !== VERSION) return isPositive(v) ? "unknown_version" : "damaged";
  if (typeof value !== "string" || typeof tokenType !== "string" || tokenId(value) !== id) return "damaged";
  if (!isPositive(lifetimeMs) || !isPositive(remainingMs)) return "damaged";
  const ageMs = Math.max(0, lifetimeMs - remainingMs);
  const sentAt = { wall: readAt.wall - ageMs, monotonic: readAt.monotonic - ageMs };
  return { value, tokenType, scope: typeof scope === "string" ? scope : undefined, lifetimeMs, sentAt };
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && value > 0;
}

function parseObject(text: unknown): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(String(text));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
