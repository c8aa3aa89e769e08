import type { Lease, StoreChange, StoredToken, TokenStore } from "../contract/token-store.ts";
import { expect, expectEqual, expectTrue, sleep, within } from "./expectations.ts";

/** How long a notice may take, in ms. */
const NOTICE_MS = 2_000;

/** How long it may take until the first notice arrives, in ms. */
const LISTENING_MS = 5_000;

export const tokenA: StoredToken = { id: "a1b2c3d4e5f60718", payload: '{"v":1,"value":"token A"}' };
export const tokenB: StoredToken = { id: "0f1e2d3c4b5a6978", payload: '{"v":1,"value":"token B"}' };

/** Like a real key, and never used before: a store may keep what earlier runs wrote. */
export function newKey(): string {
  return `test-provider:https://api.example.com:${crypto.randomUUID()}`;
}

export async function expectKept(
  store: TokenStore,
  key: string,
  token: StoredToken,
  remainingMs: number,
): Promise<void> {
  const found = await store.get(key);
  expectEqual(found && { id: found.id, payload: found.payload }, token, "the token that is found");
  const leftMs = found?.remainingMs ?? Number.NaN;
  // A slow machine may need some seconds; a store that counts in seconds may round down.
  expect(leftMs <= remainingMs && leftMs > remainingMs - 20_000, `${leftMs} ms are left of ${remainingMs} ms`);
}

export async function take(store: TokenStore, key: string, holdMs: number): Promise<Lease | undefined> {
  expectTrue(store.lease !== undefined, "the store has leases: else say `leases: false`");
  return await store.lease?.(key, holdMs);
}

/** Waits for the first notice: a subscription, or the links between a cluster's nodes, take a moment to open. */
export async function awaitListening(store: TokenStore, writer: TokenStore): Promise<void> {
  const keys = new Set<string>();
  let isHeard = false;
  const stop = store.changed?.(({ key }) => {
    isHeard ||= keys.has(key);
  });
  try {
    for (let waitedMs = 0; !isHeard && waitedMs < LISTENING_MS; waitedMs += 100) {
      const key = newKey();
      keys.add(key);
      await writer.set(key, tokenA, LISTENING_MS);
      await sleep(100);
    }
  } finally {
    stop?.();
  }
}

export async function expectHeard(
  store: TokenStore,
  expected: StoreChange,
  what: string,
  change: () => Promise<unknown>,
): Promise<void> {
  expectTrue(store.changed !== undefined, "the store has change notices: else say `notices: false`");
  let stop = () => {};
  const heard = new Promise<StoreChange>((resolve) => {
    // Other tests may run meanwhile.
    stop = store.changed?.((change) => change.key === expected.key && resolve(change)) ?? stop;
  });
  try {
    // To listen may take a moment.
    await sleep(100);
    await change();
    expectEqual(await within(NOTICE_MS, heard, `a notice of a ${what}`), expected, `the notice of a ${what}`);
  } finally {
    stop();
  }
}
