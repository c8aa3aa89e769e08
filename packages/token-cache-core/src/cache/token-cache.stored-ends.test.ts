import { describe, expect, test } from "vitest";
import type { TokenStore } from "../contract/token-store.ts";
import { encryptedStore } from "../stores/encrypted/encrypted-store.ts";
import { ManualClock, memoryStore } from "../testing/index.ts";
import { inOneStep } from "./sharing/token-store.test-support.ts";
import { TokenCache } from "./token-cache.ts";
import {
  failing,
  failureOf,
  HOUR,
  MINUTE,
  pass,
  SECOND,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

/** A provider that sends the same token again, and names its full lifetime each time. */
const sameToken = () => new TestTokenSource({ answer: () => ({ value: "same-token", lifetimeMs: HOUR }) });

/** Encrypts with the key of this number. */
const encryptedWith = (of: number) => (store: TokenStore) =>
  encryptedStore(store, { keys: [Uint8Array.from({ length: 32 }, (_, index) => index * 7 + of)] });
const plain = (store: TokenStore) => store;

describe.each([
  ["token and lease one after the other", plain],
  ["token and lease in one step", inOneStep],
])("case 33: the end of the same token in an unreadable entry, with %s", (_, prepared) => {
  test.each([
    ["encrypted with another key", encryptedWith(1), encryptedWith(2)],
    ["encrypted, and read by a process without a key", encryptedWith(1), plain],
  ])("is believed: %s", async (_name, ofWriter, ofReader) => {
    const clock = new ManualClock();
    const shared = prepared(memoryStore({ clock }));
    const source = sameToken();
    const { expiresAt } = await new TokenCache({ clock, store: ofWriter(shared) }).getToken(source);
    clock.advance(20 * MINUTE);
    const reader = new TokenCache({ clock, store: ofReader(shared) });
    expect((await reader.getToken(source)).expiresAt).toBe(expiresAt);
  });

  test("is believed of the token in memory, though the provider fails", async () => {
    const clock = new ManualClock();
    const shared = prepared(memoryStore({ clock }));
    const source = sameToken();
    const cache = new TokenCache({ clock, store: encryptedWith(2)(shared) });
    const { id, expiresAt } = await cache.getToken(source);
    await shared.delete(source.key, id, "unreadable");
    await encryptedWith(1)(shared).set(source.key, { id, payload: "{}" }, 30 * MINUTE);
    source.answer = failing("network");
    const forced = failureOf(cache.getToken(source, { forceRefresh: true }));
    await pass(clock, 20 * SECOND);
    expect((await forced).code).toBe("network");
    expect(cache.peek(source)?.expiresAt).toBe(expiresAt - 30 * MINUTE);
  });
});

test("case 33: the end in the store counts, though another process wrote it between two reads", async () => {
  const clock = new ManualClock();
  const shared = memoryStore({ clock });
  const source = sameToken();
  const { id } = await new TokenCache({ clock, store: shared }).getToken(source);
  let looks = 0;
  const store: TokenStore = {
    ...shared,
    async get(key) {
      const found = await shared.get(key);
      if (found !== undefined && ++looks === 1) await shared.set(key, found, 30 * MINUTE);
      return found;
    },
  };
  const cache = new TokenCache({ clock, store });
  const forced = await cache.getToken(source, { forceRefresh: true });
  await settle();
  expect(forced.id).toBe(id);
  expect(forced.expiresAt).toBe(clock.wall() + 30 * MINUTE);
});

test("case 33: the earlier end in the store counts, though the token comes back from it with a later one", async () => {
  const clock = new ManualClock();
  const shared = memoryStore({ clock });
  const source = sameToken();
  const { expiresAt } = await new TokenCache({ clock, store: shared }).getToken(source);
  // Too late to be adopted.
  clock.advance(59 * MINUTE + 30 * SECOND);
  let looks = 0;
  const store: TokenStore = {
    ...shared,
    async get(key) {
      const found = await shared.get(key);
      if (found !== undefined && ++looks === 1) await shared.set(key, found, HOUR);
      return found;
    },
  };
  const { expiresAt: again } = await new TokenCache({ clock, store }).getToken(source);
  expect(looks).toBeGreaterThan(1);
  expect(again).toBe(expiresAt);
});

test("case 33: a later end in the store is not believed, though a step of the wall clock ended our own count", async () => {
  const [clock, otherClock] = [new ManualClock(), new ManualClock()];
  const shared = memoryStore({ clock: otherClock });
  const source = sameToken();
  const cache = new TokenCache({ clock, store: shared });
  const { id } = await cache.getToken(source);
  await shared.delete(source.key, id, "unreadable");
  for (const each of [clock, otherClock]) each.advance(20 * MINUTE);
  await new TokenCache({ clock: otherClock, store: shared }).getToken(source);
  clock.stepWall(2 * HOUR);
  expect((await cache.getToken(source)).expiresAt).toBe(clock.wall() + 40 * MINUTE);
});

test("case 33: the end in the store counts by the monotonic clock, though the wall clock was set forward", async () => {
  const [clock, storeClock] = [new ManualClock(), new ManualClock()];
  const pass = (ms: number) => [clock, storeClock].forEach((each) => void each.advance(ms));
  const store = memoryStore({ clock: storeClock });
  const source = sameToken();
  const cache = new TokenCache({ clock, store });
  const { id } = await cache.getToken(source);
  await store.set(source.key, { id, payload: "{}" }, 40 * MINUTE);
  clock.stepWall(35 * MINUTE);
  const wallEnd = clock.wall() + 25 * MINUTE;
  expect((await cache.getToken(source, { forceRefresh: true })).expiresAt).toBe(wallEnd);
  pass(27 * MINUTE);
  // Long over by the wall clock, yet the provider still sends it.
  expect((await cache.getToken(source)).expiresAt).toBe(clock.wall() + 13 * MINUTE);
});
