import type { StoreChange, StoredToken, TokenStore } from "../contract/token-store.ts";
import { deletionNotice } from "../stores/deletion-notice.ts";
import { Listeners } from "../stores/listeners.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { MemoryTurns } from "./memory-turns.ts";

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Default: this machine's. */
  readonly clock?: Clock | undefined;
}

/**
 * A store in memory, for tests: give it to several caches that play processes. In production it would add nothing, since a
 * cache has a memory of its own. Its size is not bounded.
 */
export function memoryStore(options: MemoryStoreOptions = {}): TokenStore {
  const clock = options.clock ?? systemClock;
  const tokens = new Map<string, StoredToken & { endsAt: number }>();
  const leases = new Map<string, { endsAt: number }>();
  const turns = new MemoryTurns();
  const listeners = new Listeners<StoreChange>();

  /** The entry, unless it has expired. */
  function alive<T extends { endsAt: number }>(kept: Map<string, T>, key: string): T | undefined {
    const found = kept.get(key);
    if (found === undefined || found.endsAt > clock.monotonic()) return found;
    kept.delete(key);
    return undefined;
  }

  return {
    async get(key) {
      const found = alive(tokens, key);
      if (found === undefined) return undefined;
      return { id: found.id, payload: found.payload, remainingMs: found.endsAt - clock.monotonic() };
    },

    async set(key, { id, payload }, remainingMs) {
      if (!(remainingMs > 0)) return;
      const kept = alive(tokens, key);
      const endsAt = clock.monotonic() + remainingMs;
      if (kept !== undefined && kept.id !== id && kept.endsAt > endsAt) return;
      tokens.set(key, { id, payload, endsAt });
      listeners.notify({ key });
    },

    async delete(key, tokenId, reason) {
      if (alive(tokens, key)?.id !== tokenId) return false;
      tokens.delete(key);
      listeners.notify(deletionNotice(key, tokenId, reason));
      return true;
    },

    async lease(key, holdMs) {
      if (alive(leases, key) !== undefined) return undefined;
      const lease = { endsAt: clock.monotonic() + holdMs };
      leases.set(key, lease);
      return {
        async extend(holdMs) {
          if (alive(leases, key) !== lease) return false;
          lease.endsAt = clock.monotonic() + holdMs;
          return true;
        },

        async release() {
          if (alive(leases, key) !== lease) return;
          leases.delete(key);
          listeners.notify({ key });
        },
      };
    },

    take: async (group, lane, request) => turns.take(group, lane, request, clock.monotonic()),

    changed: (listener) => listeners.add(listener),

    async close() {
      listeners.clear();
    },
  };
}
