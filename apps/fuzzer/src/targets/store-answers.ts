import { TokenCache, type TokenStore } from "@x/token-cache-core";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { oddValue } from "../odd-values.ts";
import { ENCRYPTION_KEY, identity } from "../shared-tokens.ts";
import { must, type Target } from "../target.ts";
import { settle } from "../virtual-time.ts";

const NOW_MS = 1_800_000_000_000;

type Operation = "get" | "set" | "delete" | "lease" | "getOrLease";
type Behaviour = (call: number) => unknown;

const named = (name: string, behaviour: Behaviour) => Object.assign(behaviour, { [fc.toStringMethod]: () => name });
const trap = (property: string, others: object) =>
  Object.defineProperty({ ...others }, property, {
    enumerable: true,
    get: () => {
      throw new Error("A getter of the store's answer throws.");
    },
  });
/** Right at the first read, and then a trap. */
const trapLater = (property: string, others: object) => {
  let reads = 0;
  return Object.defineProperty({ ...others }, property, {
    enumerable: true,
    get: () => {
      if (reads++ === 0) return "0123456789abcdef";
      throw new Error("A getter of the store's answer throws.");
    },
  });
};
const found = { id: "0123456789abcdef", payload: "{}", remainingMs: 60_000 };

/** What a broken store answers. */
const behaviours: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constantFrom(
    named("finds another id each time", (call) => ({ ...found, id: `id-${call}` })),
    named("finds the same entry", () => ({ ...found })),
    named("finds an entry without an id", () => ({ payload: "{}", remainingMs: 60_000 })),
    named("finds an id that throws", () => trap("id", { payload: "{}", remainingMs: 60_000 })),
    named("finds an id that throws when it is read again", () =>
      trapLater("id", { payload: "{}", remainingMs: 60_000 }),
    ),
    named("finds a payload that throws", () => trap("payload", { id: found.id, remainingMs: 60_000 })),
    named("finds a life that throws", () => trap("remainingMs", { id: found.id, payload: "{}" })),
    named("gives a lease that throws when read", () => trap("release", { extend: async () => true })),
    named("gives a lease that cannot be given back", () => ({
      extend: async () => true,
      release: () => trap("x", {}),
    })),
    named("gives a lease whose methods throw", () => ({
      extend: () => {
        throw new Error("extend");
      },
      release: () => {
        throw new Error("release");
      },
    })),
    named("answers with a proxy that always throws", () => hostileProxy()),
    named("answers nothing", () => undefined),
    named("never answers", () => new Promise(() => {})),
    named("throws", () => {
      throw new Error("The store is broken.");
    }),
    named("throws nothing", () => {
      throw undefined;
    }),
    named("says yes", () => true),
  ),
  oddValue.map((value) => named(`answers ${JSON.stringify(value)?.slice(0, 100)}`, () => value)),
);

/** The answer in the form of `getOrLease`, so that it is read further. */
const wrapped: fc.Arbitrary<Behaviour> = fc
  .tuple(behaviours, fc.constantFrom("token", "lease"))
  .map(([behaviour, type]) => {
    const wrap = (call: number) => ({ type, [type]: behaviour(call) });
    return Object.assign(wrap, { [fc.toStringMethod]: () => `${type}: ${fc.stringify(behaviour)}` });
  });

const stores = fc.record({
  get: behaviours,
  set: behaviours,
  delete: behaviours,
  lease: fc.option(behaviours, { nil: undefined }),
  getOrLease: fc.option(fc.oneof(behaviours, wrapped), { nil: undefined }),
  isEncrypted: fc.boolean(),
});

/** Of all operations for one token: a store that says "held" is polled every 200 ms for ten seconds. */
const MOST_OPERATIONS = 200;

export const storeAnswers: Target = {
  name: "store-answers",
  input:
    "Stores that answer anything: another id each time, getters that throw, values of other types, nothing at all, plain and encrypted.",
  rule: "Whatever a store answers, the provider's token comes in time, after a bounded number of operations.",
  shortRuns: 120,
  open: () => ({
    property: fc.asyncProperty(stores, async ({ isEncrypted, ...hostile }) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      let operations = 0;
      const store = storeOf(hostile, (behaviour) => {
        // An endless loop of promises would block the event loop, and no timer would report it.
        if (++operations > MOST_OPERATIONS) return new Promise(() => {});
        return behaviour(operations);
      });
      const source = identity("seller");
      const keys = [ENCRYPTION_KEY];
      await using cache = new TokenCache({ store: isEncrypted ? encryptedStore(store, { keys }) : store, clock });
      const outcome = await settle(cache.getToken(source), clock, 20_000);
      must(operations <= MOST_OPERATIONS, `One token took more than ${MOST_OPERATIONS} operations of the store.`);
      must("value" in outcome, `getToken fails: ${"error" in outcome && String(outcome.error)}`);
      must(source.issued.includes(outcome.value.value), "The token is not the provider's.");
    }),
  }),
};

function storeOf(
  hostile: Readonly<Record<Operation, Behaviour | undefined>>,
  answer: (behaviour: Behaviour) => unknown,
): TokenStore {
  const methods = Object.entries(hostile).flatMap(([operation, behaviour]) =>
    behaviour === undefined ? [] : [[operation, async () => await answer(behaviour)]],
  );
  return Object.fromEntries(methods) as TokenStore;
}

function hostileProxy(): object {
  const refuse = () => {
    throw new Error("The proxy throws.");
  };
  // Without `then`, a promise can resolve to it.
  const get = (_target: object, name: string | symbol) => (name === "then" ? undefined : refuse());
  return new Proxy({}, { get, has: refuse, ownKeys: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse });
}
