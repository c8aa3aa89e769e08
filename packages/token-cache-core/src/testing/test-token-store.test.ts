import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { inOneStep } from "../cache/sharing/token-store.test-support.ts";
import type { TokenOrLease, TokenStore } from "../contract/token-store.ts";
import { memoryStore } from "./memory-store.ts";
import { type TokenStoreTestOptions, testTokenStore } from "./test-token-store.ts";

/** Runs the store tests. The names of those that fail. */
async function failuresOf(createStore: () => TokenStore, options: Partial<TokenStoreTestOptions> = {}) {
  const tests: [string, () => Promise<void>][] = [];
  testTokenStore({ test: (name, run) => tests.push([name, run]), createStore, ...options });
  const results = await Promise.all(
    tests.map(async ([name, run]) =>
      run().then(
        () => undefined,
        (error: Error) => `${name}: ${error.message}`,
      ),
    ),
  );
  return results.filter((failure) => failure !== undefined);
}

/** Opens the same store each time, with one fault. */
function broken(breakIt: (store: TokenStore) => Partial<TokenStore>): () => TokenStore {
  const shared = memoryStore();
  return () => ({ ...shared, close: async () => {}, ...breakIt(shared) });
}

test("a good store passes", async () => {
  expect(await failuresOf(broken(() => ({})))).toEqual([]);
});

function takeOf({ take }: TokenStore): NonNullable<TokenStore["take"]> {
  if (take === undefined) throw new Error("The memory store has turns.");
  return take;
}

/** Leases that anyone can release. */
const holders = new Map<string, number>();

async function leaseOf(store: TokenStore, key: string, holdMs: number): Promise<TokenOrLease> {
  const lease = await store.lease?.(key, holdMs);
  return lease === undefined ? { type: "held" } : { type: "lease", lease };
}

/** The faults of a store: for each, at least one test has to fail. */
const breakages: [string, (store: TokenStore) => Partial<TokenStore>][] = [
  ["forgets", () => ({ set: async () => {} })],
  [
    "shares keys that differ in case",
    (store) => ({
      get: (key) => store.get(key.toLowerCase()),
      set: (key, ...rest) => store.set(key.toLowerCase(), ...rest),
    }),
  ],
  [
    "trims payloads",
    (store) => ({ set: (key, token, ms) => store.set(key, { ...token, payload: token.payload.trim() }, ms) }),
  ],
  [
    "truncates payloads",
    (store) => ({
      set: (key, token, ms) => store.set(key, { ...token, payload: token.payload.slice(0, 4_096) }, ms),
    }),
  ],
  ["gives every process turns of its own", () => ({ take: takeOf(memoryStore()) })],
  ["gives one turn for all lanes", (store) => ({ take: (group, _, request) => takeOf(store)(group, "", request) })],
  [
    "gives no turns ahead",
    (store) => ({ take: (group, lane, request) => takeOf(store)(group, lane, { ...request, horizonMs: 0 }) }),
  ],
  [
    "ignores delays",
    (store) => ({ take: (group, lane, request) => takeOf(store)(group, lane, { ...request, putOff: undefined }) }),
  ],
  [
    "counts no turns since a delay",
    (store) => ({
      take: (group, lane, { putOff, ...request }) =>
        takeOf(store)(group, lane, { ...request, putOff: putOff && { delayMs: putOff.delayMs } }),
    }),
  ],
  [
    "closes one lane and not its group",
    (store) => ({ take: (group, lane, request) => takeOf(store)(group + lane, lane, request) }),
  ],
  [
    "counts no other process",
    (store) => ({ take: (group, lane, request) => takeOf(store)(group, lane, { ...request, processId: "" }) }),
  ],
  [
    "never lets a token end",
    (store) => ({ set: (key, token, ms) => store.set(key, token, ms > 0 ? ms + 60_000 : ms) }),
  ],
  ["keeps what has no life", (store) => ({ set: (key, token, ms) => store.set(key, token, Math.max(ms, 1_000)) })],
  [
    "says the whole life in place of the rest",
    (store) => ({
      get: async (key) => {
        const found = await store.get(key);
        return found && { ...found, remainingMs: 3_600_000 };
      },
    }),
  ],
  ["counts lives in 32 bits", (store) => ({ set: (key, token, ms) => store.set(key, token, ms | 0) })],
  [
    "lets the last writer win",
    (store) => ({
      set: async (key, token, ms) => {
        const kept = await store.get(key);
        if (kept && ms > 0) await store.delete(key, kept.id);
        await store.set(key, token, ms);
      },
    }),
  ],
  [
    "lets the first writer win",
    (store) => ({
      set: async (key, token, ms) => {
        if (!(await store.get(key))) await store.set(key, token, ms);
      },
    }),
  ],
  [
    "deletes any token",
    (store) => ({
      delete: async (key) => {
        const kept = await store.get(key);
        return kept !== undefined && store.delete(key, kept.id);
      },
    }),
  ],
  [
    "always says that it deleted",
    (store) => ({
      delete: async (key, id) => {
        await store.delete(key, id);
        return true;
      },
    }),
  ],
  [
    "gives a lease to everybody",
    () => ({ lease: async () => ({ extend: async () => true, release: async () => {} }) }),
  ],
  [
    "gives a lease once only",
    (store) => ({
      lease: async (key, ms) => {
        const lease = await store.lease?.(key, ms);
        return lease && { ...lease, release: async () => {} };
      },
    }),
  ],
  [
    "never ends a lease",
    (store) => ({ lease: (key, ms) => store.lease?.(key, ms + 60_000) ?? Promise.resolve(undefined) }),
  ],
  [
    "does not extend leases",
    (store) => ({
      lease: async (key, ms) => {
        const lease = await store.lease?.(key, ms);
        return lease && { ...lease, extend: async () => true };
      },
    }),
  ],
  [
    "has a lease take a token's place",
    (store) => ({
      lease: async (key, ms) => {
        await store.set(key, { id: "lease", payload: "" }, ms);
        return store.lease?.(key, ms);
      },
    }),
  ],
  ["gives the lease though there is a token", (store) => ({ getOrLease: (key, ms) => leaseOf(store, key, ms) })],
  [
    "gives a token that is known",
    (store) => ({
      getOrLease: async (key, ms) => {
        const token = await store.get(key);
        return token === undefined ? leaseOf(store, key, ms) : { type: "token", token };
      },
    }),
  ],
  [
    "says nothing where the lease is held",
    (store) => ({
      getOrLease: async (key, ms, known) => {
        const outcome = await inOneStep(store).getOrLease?.(key, ms, known);
        return outcome?.type === "held" ? (undefined as never) : (outcome as TokenOrLease);
      },
    }),
  ],
  ["tells nothing", () => ({ changed: () => () => {} })],
  [
    "does not tell what was refused",
    (store) => ({ changed: (listener) => store.changed?.(({ key }) => listener({ key })) ?? (() => {}) }),
  ],
  [
    "tells of an entry that was in the way as of a refused token",
    (store) => ({ delete: (key, tokenId) => store.delete(key, tokenId) }),
  ],
  [
    "does not stop telling",
    (store) => ({
      changed: (listener) => {
        store.changed?.(listener);
        return () => {};
      },
    }),
  ],
  [
    "releases any lease, also another's",
    () => ({
      async lease(key, holdMs) {
        if ((holders.get(key) ?? 0) > performance.now()) return undefined;
        holders.set(key, performance.now() + holdMs);
        return { extend: async () => true, release: async () => void holders.delete(key) };
      },
    }),
  ],
];

describe("a store fails that", () => {
  let failures: Map<string, string[]>;

  // All at once, since each waits for real time to pass.
  beforeAll(async () => {
    const found = breakages.map(async ([name, breakIt]) => [name, await failuresOf(broken(breakIt))] as const);
    failures = new Map(await Promise.all(found));
  });

  test.each(breakages.map(([name]) => name))("%s", (name) => {
    expect(failures.get(name)).not.toHaveLength(0);
  });
});

test("a store without leases and notices declares it, or fails", async () => {
  const { get, set, delete: remove } = memoryStore();
  const createStore = () => ({ get, set, delete: remove });
  expect(await failuresOf(createStore, { leases: false, notices: false })).toEqual([]);
  expect(await failuresOf(createStore)).not.toEqual([]);
  expect(
    await failuresOf(
      broken(() => ({})),
      { leases: false, notices: false },
    ),
  ).toHaveLength(2);
});

test("every store that was opened is closed, also after a failure", async () => {
  let open = 0;
  const close = async () => {
    open -= 1;
  };
  const createStore = broken(() => {
    open += 1;
    return { set: () => Promise.reject(new Error("Down.")), close };
  });
  await failuresOf(createStore);
  expect(open).toBe(0);
});

test("it runs by node:test too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-test-"));
  try {
    const file = join(folder, "store.test.mjs");
    const imported = JSON.stringify(new URL("index.ts", import.meta.url).href);
    writeFileSync(
      file,
      `import { describe, test } from "node:test";
import { memoryStore, testTokenStore } from ${imported};
const shared = memoryStore();
describe("a store", () => testTokenStore({ test, createStore: () => ({ ...shared, close: async () => {} }) }));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", file], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: "" },
    });
    expect(stdout).toMatch(/# pass [23][0-9]\n/);
    expect(stdout).toMatch(/# fail 0\n/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
