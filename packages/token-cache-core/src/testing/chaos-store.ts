import type { FoundToken, Lease, StoreChange, StoredToken, TokenStore } from "../contract/token-store.ts";

/** How often a {@link ChaosStore} misbehaves in which way: shares from 0 (never, the default) to 1 (always). */
export interface ChaosOptions {
  /** The operation fails, and does nothing. */
  readonly throws?: number | undefined;
  /** The operation never ends, and does nothing. */
  readonly hangs?: number | undefined;
  /** The operation is done, and takes {@link ChaosOptions.slowMs} longer. */
  readonly slow?: number | undefined;
  /** How much longer, in ms. Default 1,000. */
  readonly slowMs?: number | undefined;
  /** What was to be written, deleted or given back is not, though the store says so. */
  readonly losesWrites?: number | undefined;
  /** The answer is not what it should be: other types, other tokens, impossible lives. */
  readonly returnsGarbage?: number | undefined;
  /** A change is not told. */
  readonly losesNotices?: number | undefined;
  /** From 0 to 1, for a test that is to run the same way twice. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What can be asked of a store. */
export type StoreOperation = "get" | "set" | "delete" | "lease" | "extend" | "release";

/** A store that misbehaves as it is told to, also while it is used. */
export interface ChaosStore extends TokenStore {
  /** From now on it misbehaves in these ways and no others; `{}` ends all chaos. What hangs already stays so. */
  setChaos(options: ChaosOptions): void;
  /** How often each operation was asked for. */
  readonly calls: Readonly<Record<StoreOperation, number>>;
}

/** Wraps a store to see how its user copes: `new TokenCache({ store: chaosStore(memoryStore(), { hangs: 0.1 }) })`. */
export function chaosStore(store: TokenStore, options: ChaosOptions = {}): ChaosStore {
  let chaos = options;
  const calls: Record<StoreOperation, number> = { get: 0, set: 0, delete: 0, lease: 0, extend: 0, release: 0 };
  const random = () => (chaos.random ?? Math.random)();
  const strikes = (share: number | undefined) => share !== undefined && share > 0 && random() < share;
  const oneOf = (garbage: readonly unknown[]) => garbage[Math.floor(random() * garbage.length)];

  async function disturbed<T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> {
    calls[operation] += 1;
    if (strikes(chaos.throws)) throw new Error(`Chaos: ${operation} failed.`);
    if (strikes(chaos.hangs)) return new Promise<never>(() => {});
    if (strikes(chaos.slow)) await new Promise((resolve) => setTimeout(resolve, chaos.slowMs ?? 1_000));
    return await work();
  }
  const written = <T>(operation: StoreOperation, work: () => Promise<T>, pretended: T) =>
    disturbed(operation, async () => (strikes(chaos.losesWrites) ? pretended : await work()));
  const disturbedLease = (lease: Lease): Lease => ({
    extend: (holdMs) => written("extend", () => lease.extend(holdMs), true),
    release: () => written("release", () => lease.release(), undefined),
  });

  return {
    calls,
    setChaos(next) {
      chaos = next;
    },

    get: (key) =>
      disturbed("get", async () => {
        const found = await store.get(key);
        return strikes(chaos.returnsGarbage) ? (oneOf(garbledTokens(found)) as FoundToken) : found;
      }),

    set: (key, token, remainingMs) => written("set", () => store.set(key, token, remainingMs), undefined),

    delete: (key, tokenId) => written("delete", () => store.delete(key, tokenId), true),

    ...(store.lease && {
      lease: (key: string, holdMs: number) =>
        disturbed("lease", async () => {
          if (strikes(chaos.returnsGarbage)) return oneOf([null, 1, "OK", {}]) as undefined;
          const lease = await store.lease?.(key, holdMs);
          return lease && disturbedLease(lease);
        }),
    }),

    ...(store.changed && {
      changed: (listener: (change: StoreChange) => void) =>
        store.changed?.((change) => {
          if (!strikes(chaos.losesNotices)) listener(change);
        }) ?? (() => {}),
    }),

    ...(store.unreadable && { unreadable: store.unreadable.bind(store) }),

    async close() {
      await store.close?.();
    },
  };
}

/** What a broken store may answer: nothing of it is a token that somebody put there. */
function garbledTokens(found: FoundToken | undefined): unknown[] {
  const token: StoredToken = found ?? { id: "0123456789abcdef", payload: "{}" };
  return [
    null,
    "OK",
    {},
    { ...token, remainingMs: Number.NaN },
    { ...token, remainingMs: -1 },
    { ...token, remainingMs: "60000", payload: 1 },
    { id: token.id, payload: token.payload.slice(0, token.payload.length / 2), remainingMs: 60_000 },
    { id: "fedcba9876543210", payload: `\u0000${token.payload}`, remainingMs: 60_000 },
    { id: token.id, payload: "<html>502 Bad Gateway</html>", remainingMs: 60_000 },
    { id: token.id, payload: '{"__proto__":{"value":"x"}}', remainingMs: Number.MAX_SAFE_INTEGER },
  ];
}
