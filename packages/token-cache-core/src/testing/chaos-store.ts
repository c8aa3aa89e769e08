import type { TurnGrant, TurnRequest } from "../contract/lane-turns.ts";
import type {
  FoundToken,
  KnownToken,
  Lease,
  StoreChange,
  StoredToken,
  StoreOperation,
  TokenOrLease,
  TokenStore,
  UnreadableEntry,
} from "../contract/token-store.ts";

/** How often a {@link ChaosStore} fails in each way: a share from 0 (never, the default) to 1 (always). */
export interface ChaosOptions {
  /** The operation rejects, and does nothing. */
  readonly throws?: number | undefined;
  /** The operation never ends, and does nothing. */
  readonly hangs?: number | undefined;
  /** The operation takes {@link ChaosOptions.slowMs} longer. */
  readonly slow?: number | undefined;
  /** How much longer, in ms. Default 1,000. */
  readonly slowMs?: number | undefined;
  /** A write, deletion, extension or release does nothing, and reports success. */
  readonly losesWrites?: number | undefined;
  /** The answer is wrong: other types, other tokens, impossible lives. */
  readonly returnsGarbage?: number | undefined;
  /** A notice is lost. */
  readonly losesNotices?: number | undefined;
  /** Returns numbers from 0 to 1; a seeded one makes a test repeatable. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A store that fails on purpose. */
export interface ChaosStore extends TokenStore {
  /** Replaces the ways in which it fails; `{}` ends all chaos. An operation that hangs keeps hanging. */
  setChaos(options: ChaosOptions): void;
  /** How often each operation was called. */
  readonly calls: Readonly<Record<StoreOperation, number>>;
}

/** Wraps a store, to test what a program does when the store fails: `new TokenCache({ store: chaosStore(memoryStore(), { hangs: 0.1 }) })`. */
export function chaosStore(store: TokenStore, options: ChaosOptions = {}): ChaosStore {
  let chaos = options;
  const calls = { get: 0, set: 0, delete: 0, lease: 0, getOrLease: 0, extend: 0, release: 0, listen: 0, take: 0 };
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
  const answered = <T>(operation: StoreOperation, ask: () => Promise<T>, garbled: (answer: T) => readonly unknown[]) =>
    disturbed(operation, async () => {
      const answer = await ask();
      return strikes(chaos.returnsGarbage) ? (oneOf(garbled(answer)) as T) : answer;
    });
  const written = <T>(operation: StoreOperation, work: () => Promise<T>, pretended: T) =>
    disturbed(operation, async () => (strikes(chaos.losesWrites) ? pretended : await work()));
  const disturbedLease = (lease: Lease): Lease => ({
    extend: (holdMs) => written("extend", () => lease.extend(holdMs), true),
    release: () => written("release", () => lease.release(), undefined),
  });
  function listen<T>(subscribe: (listener: (notice: T) => void) => () => void, listener: (notice: T) => void) {
    calls.listen += 1;
    return subscribe((notice) => {
      if (!strikes(chaos.losesNotices)) listener(notice);
    });
  }
  const { lease, getOrLease, take, changed, unreadable } = store;

  return {
    calls,
    setChaos(next) {
      chaos = next;
    },

    get: (key) => answered("get", () => store.get(key), garbledTokens),

    set: (key, token, remainingMs) => written("set", () => store.set(key, token, remainingMs), undefined),

    delete: (key, tokenId, reason) => written("delete", () => store.delete(key, tokenId, reason), true),

    ...(lease && {
      lease: (key: string, holdMs: number) =>
        answered(
          "lease",
          async () => {
            const taken = await lease.call(store, key, holdMs);
            return taken && disturbedLease(taken);
          },
          () => GARBLED_LEASES,
        ),
    }),

    ...(getOrLease && {
      getOrLease: (key: string, holdMs: number, known: KnownToken | undefined) =>
        answered(
          "getOrLease",
          async () => {
            const outcome = await getOrLease.call(store, key, holdMs, known);
            return outcome.type === "lease" ? { ...outcome, lease: disturbedLease(outcome.lease) } : outcome;
          },
          garbledOutcomes,
        ),
    }),

    ...(take && {
      take: (group: string, lane: string, request: TurnRequest) =>
        answered("take", () => take.call(store, group, lane, request), garbledGrants),
    }),

    ...(changed && {
      changed: (listener: (change: StoreChange) => void) => listen(changed.bind(store), listener),
    }),

    ...(unreadable && {
      unreadable: (listener: (entry: UnreadableEntry) => void) => listen(unreadable.bind(store), listener),
    }),

    async close() {
      await store.close?.();
    },
  };
}

const GARBLED_LEASES: readonly unknown[] = [null, 1, "OK", {}];

function garbledOutcomes(outcome: TokenOrLease): unknown[] {
  const tokens = garbledTokens(outcome.type === "token" ? outcome.token : undefined);
  const leases = [...GARBLED_LEASES, { type: "token" }, { type: "lease" }, { type: "lease", lease: {} }];
  return [...leases, ...tokens.map((token) => ({ type: "token", token }))];
}

/** Answers of a broken store. None of them is a token that was stored. */
function garbledTokens(found: FoundToken | undefined): unknown[] {
  const token: StoredToken = found ?? { id: "0123456789abcdef", payload: "{}" };
  return [
    null,
    "OK",
    {},
    { payload: token.payload, remainingMs: 60_000 },
    { ...token, id: "" },
    { ...token, remainingMs: Number.NaN },
    { ...token, remainingMs: -1 },
    { ...token, remainingMs: "60000", payload: 1 },
    { id: token.id, payload: token.payload.slice(0, token.payload.length / 2), remainingMs: 60_000 },
    { id: "fedcba9876543210", payload: `\u0000${token.payload}`, remainingMs: 60_000 },
    { id: token.id, payload: "<html>502 Bad Gateway</html>", remainingMs: 60_000 },
    { id: token.id, payload: '{"__proto__":{"value":"x"}}', remainingMs: Number.MAX_SAFE_INTEGER },
  ];
}

/** Answers of a broken store in place of turns. */
function garbledGrants(grant: TurnGrant): unknown[] {
  return [
    undefined,
    null,
    "OK",
    {},
    { ...grant, count: 1_000_000 },
    { ...grant, count: Number.NaN },
    { ...grant, startsInMs: "soon" },
    { ...grant, startsInMs: Number.POSITIVE_INFINITY },
    { ...grant, closedForMs: Number.MAX_SAFE_INTEGER },
    { ...grant, processes: 0 },
    { ...grant, note: 1 },
    { ...grant, note: "1e999 -1 0" },
  ];
}
