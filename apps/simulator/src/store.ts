import type {
  FoundToken,
  KnownToken,
  Lease,
  StoreChange,
  TokenOrLease,
  TokenStore,
  TurnGrant,
  TurnRequest,
} from "@x/token-cache-core";
import { memoryStore } from "@x/token-cache-core/testing";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Weather } from "./weather.ts";
import { Machine, type World } from "./world.ts";

/** What the rules hear of the store. */
export interface StoreWitness {
  /** A process heard of a token. */
  found(key: string, reply: { found: FoundToken; askedAt: number; waitedMs: number }): void;
  noticed(change: StoreChange): void;
  /** An operation was sent. */
  sent(operation: string, key: string): void;
  /** A lease was granted. */
  leased(key: string): void;
  /** A token was written late, and the reply was lost: nobody knows. */
  wroteUnheard(key: string, id: string): void;
  /** A lane of the store was asked. */
  tookTurns(lane: string): void;
}

/** A server that lives in the world: our memory store, with a clock of its own. */
export function memoryServer(world: World, drift: number): StoreServer {
  const store = memoryStore({ clock: new Machine(world, { skewMs: 0, drift }) });
  return new StoreServer(world, store, () => ({ ...store, close: async () => {} }));
}

/** The store's server, and what only an operator can do. */
export class StoreServer {
  readonly world: World;
  /** The operator's own way to the server. */
  readonly store: TokenStore;
  /** Opens a process's connection. The store's `close` ends it. */
  readonly connect: () => TokenStore;

  constructor(world: World, store: TokenStore, connect: () => TokenStore) {
    this.world = world;
    this.store = store;
    this.connect = connect;
  }

  /** Loses an entry, as a full server does. No process hears that its token was refused. */
  async evict(key: string): Promise<void> {
    const found = await this.store.get(key);
    if (found !== undefined) await this.store.delete(key, found.id, "unreadable");
  }

  /** Damages an entry, or makes it one of another version or one that never ends. */
  async garble(key: string, random: Random): Promise<void> {
    const found = await this.store.get(key);
    if (found === undefined) return;
    const { id, payload, remainingMs } = found;
    const half = payload.slice(0, payload.length / 2);
    const endless = payload.replace(/"lifetimeMs":/, '"lifetimeMs":99999999');
    const garbled = random.oneOf([half, endless, '{"v":99}', `x${payload}`]);
    const isEndless = garbled === endless && garbled !== payload;
    await this.store.set(key, { id, payload: garbled }, isEndless ? 1e14 : remainingMs);
  }
}

/** What the store answers at once, or what one that cannot would answer. */
async function getOrLease(
  store: TokenStore,
  key: string,
  holdMs: number,
  known: KnownToken | undefined,
): Promise<TokenOrLease> {
  if (store.getOrLease !== undefined) return store.getOrLease(key, holdMs, known);
  const token = await store.get(key);
  const isNews = token?.id !== known?.id || (token?.remainingMs ?? 0) > (known?.remainingMs ?? 0);
  if (token !== undefined && isNews) return { type: "token", token };
  const lease = await store.lease?.(key, holdMs);
  return lease === undefined ? { type: "held" } : { type: "lease", lease };
}

/** What becomes of a request. */
interface Arrivals<T> {
  /** The reply is here. */
  readonly onReply?: (reply: T) => T;
  /** The request was served, so late after it was sent, and its reply is lost. */
  readonly onLost?: (lateMs: number) => void;
}

/** A write that takes so long gives its entry a later end. */
const LATE_MS = 1_000;

/** A process's client of the store, with a bad network in between. */
export function storeClient(
  server: StoreServer,
  machine: Machine,
  plan: NonNullable<Plan["store"]>,
  random: Random,
  weather: Weather,
  witness: StoreWitness,
): TokenStore {
  const { world } = server;
  const store = server.connect();
  let askedBefore: string | undefined;

  /** The key whose entry a reply brings: that of the read before, where the network mixes replies up. */
  function repliedKey(key: string): string {
    const isMixedUp = askedBefore !== undefined && weather.strikes("store mixes up replies") !== undefined;
    const replied = isMixedUp ? (askedBefore ?? key) : key;
    askedBefore = key;
    return replied;
  }

  /** Sends a request, and brings its reply where there is one. */
  function ask<T>(operation: string, key: string, work: () => Promise<T>, on: Arrivals<T> = {}): Promise<T> {
    witness.sent(operation, key);
    return deliver(work, on);
  }

  function deliver<T>(work: () => Promise<T>, { onReply, onLost }: Arrivals<T> = {}): Promise<T> {
    const sentAt = world.now;
    return new Promise((resolve, reject) => {
      if (weather.strikes("store fails")) {
        machine.after(random.between(0, 20), () => reject(new Error("The store's connection was lost.")));
        return;
      }
      const slowMs = weather.strikes("store slow")?.ms ?? 0;
      const hang = weather.strikes("store hangs");
      const delayMs = random.between(0.1, 3) + random.share() * slowMs;
      if (weather.strikes("store loses requests")) return;
      const losesReply = weather.strikes("store loses replies") !== undefined;
      world.at(hang === undefined ? world.now + delayMs : hang.to + delayMs, async () => {
        const answer = await work().then(
          (reply) => () => resolve(onReply === undefined ? reply : onReply(reply)),
          (error: unknown) => () => reject(error),
        );
        if (losesReply) return onLost?.(world.now - sentAt);
        machine.after(random.between(0.1, 3) + random.share() * slowMs, answer);
      });
    });
  }

  const leaseOf = (key: string, lease: Lease): Lease => ({
    extend: (holdMs) => ask("extend", key, () => lease.extend(holdMs)),
    release: () => ask("release", key, () => lease.release()),
  });
  /** Tells what a reply says of the key, as it reaches the process. */
  const hearing = <T>(key: string, read: (reply: T) => { found?: FoundToken | undefined; isLease?: boolean }) => {
    const askedAt = world.now;
    const since = machine.monotonic();
    return (reply: T): T => {
      const { found, isLease } = read(reply);
      if (found !== undefined) witness.found(key, { found, askedAt, waitedMs: machine.monotonic() - since });
      if (isLease) witness.leased(key);
      return reply;
    };
  };
  const granted = (key: string, answer: TokenOrLease): TokenOrLease =>
    answer.type === "lease" ? { ...answer, lease: leaseOf(key, answer.lease) } : answer;

  return {
    get: (key) => {
      const replied = repliedKey(key);
      return ask("get", key, () => store.get(replied), { onReply: hearing(key, (found) => ({ found })) });
    },
    close: async () => store.close?.(),
    ...(store.take && {
      take: (group: string, lane: string, request: TurnRequest) => {
        witness.tookTurns(lane);
        return deliver(async () => store.take?.(group, lane, request) as Promise<TurnGrant>);
      },
    }),
    set: (key, token, remainingMs) =>
      ask("set", key, () => store.set(key, token, remainingMs), {
        onLost(lateMs) {
          if (lateMs >= LATE_MS) witness.wroteUnheard(key, token.id);
        },
      }),
    delete: (key, id, reason) => ask("delete", key, () => store.delete(key, id, reason)),
    ...(plan.leases && {
      async lease(key: string, holdMs: number) {
        const take = async () => store.lease?.(key, holdMs);
        const lease = await ask("lease", key, take, {
          onReply: hearing(key, (lease) => ({ isLease: lease !== undefined })),
        });
        return lease && leaseOf(key, lease);
      },
    }),
    ...(plan.leases &&
      plan.atOnce && {
        getOrLease: (key: string, holdMs: number, known: KnownToken | undefined) => {
          const replied = repliedKey(key);
          return ask(
            "getOrLease",
            key,
            async () => {
              const token = replied === key ? undefined : await store.get(replied);
              if (token !== undefined) return { type: "token", token };
              return granted(key, await getOrLease(store, key, holdMs, known));
            },
            {
              onReply: hearing(key, (reply) => ({
                found: reply.type === "token" ? reply.token : undefined,
                isLease: reply.type === "lease",
              })),
            },
          );
        },
      }),
    ...(plan.notices && {
      changed: (listener: (change: StoreChange) => void) =>
        store.changed?.((change) => {
          if (weather.strikes("notices lost")) return;
          const lateMs = weather.strikes("notices late")?.ms ?? 0;
          const times = weather.strikes("notices twice") ? 2 : 1;
          for (let time = 0; time < times; time++) {
            machine.after(random.between(0.1, 3) + random.share() * lateMs, () => {
              witness.noticed(change);
              listener(change);
            });
          }
        }) ?? (() => {}),
    }),
  };
}
