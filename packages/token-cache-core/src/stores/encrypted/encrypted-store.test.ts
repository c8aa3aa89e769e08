import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { inOneStep } from "../../cache/sharing/token-store.test-support.ts";
import { TokenCache } from "../../cache/token-cache.ts";
import { recorder, TestTokenSource } from "../../cache/token-source.test-support.ts";
import { type FoundToken, isNews, type TokenStore, type UnreadableEntry } from "../../contract/token-store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { memoryStore } from "../../testing/memory-store.ts";
import { testTokenStore } from "../../testing/test-token-store.ts";
import { encryptedStore } from "./encrypted-store.ts";

const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const token = { id: "a1b2c3d4e5f60718", payload: '{"value":"canary"}' };

/** An encrypted store over another one, with its reports of unreadable entries. */
function encrypted(inner: TokenStore, ...keys: Uint8Array[]) {
  const store = encryptedStore(inner, { keys });
  const unreadable: UnreadableEntry[] = [];
  store.unreadable?.((entry) => unreadable.push(entry));
  return { store, unreadable };
}

async function entryOf(inner: TokenStore, key: string): Promise<FoundToken> {
  const found = await inner.get(key);
  if (found === undefined) throw new Error("There is an entry.");
  return found;
}

describe("the encrypted store passes the store tests", () => {
  const inner = inOneStep({ ...memoryStore(), close: async () => {} });
  testTokenStore({ test: test.concurrent, createStore: () => encryptedStore(inner, { keys: [first] }) });
});

describe("what is in the store", () => {
  test("is an envelope that does not show the payload, and differs each time", async () => {
    const inner = memoryStore();
    const { store } = encrypted(inner, first);
    await store.set("key", token, 60_000);
    const { payload } = await entryOf(inner, "key");
    expect(payload).toMatch(/^e1\.[0-9a-f]{8}\./);
    expect(payload).not.toContain("canary");
    expect(Buffer.from(payload, "base64").toString("latin1")).not.toContain("canary");
    await store.set("key", token, 60_000);
    expect((await entryOf(inner, "key")).payload).not.toBe(payload);
  });
});

describe("rotation", () => {
  test("the first key encrypts, the others only decrypt", async () => {
    const inner = memoryStore();
    await encrypted(inner, first).store.set("key", token, 60_000);
    const both = encrypted(inner, second, first);
    expect(await both.store.get("key")).toMatchObject(token);
    await both.store.set("key", token, 60_000);
    expect(await encrypted(inner, second).store.get("key")).toMatchObject(token);
    expect(await encrypted(inner, first).store.get("key")).toBeUndefined();
  });
});

describe("an unreadable entry is a miss, is reported, and makes room for a token", () => {
  test.each<[string, UnreadableEntry["reason"], (payload: string) => string | Promise<string>]>([
    ["plain text", "unknown_version", () => '{"value":"planted"}'],
    ["nothing", "unknown_version", () => ""],
    ["another version", "unknown_version", (payload) => payload.replace("e1.", "e2.")],
    ["a truncated entry", "damaged", (payload) => payload.slice(0, -4)],
    ["a very truncated entry", "damaged", (payload) => payload.slice(0, 20)],
    [
      "a changed nonce",
      "damaged",
      (payload) => payload.replace(/^(e1\.\w+\.)./, (_, start) => `${start}${payload[12] === "A" ? "B" : "A"}`),
    ],
    ["more after the end", "damaged", (payload) => `${payload}.more`],
    ["the entry of another key", "damaged", async () => (await sealed("other key", token)).payload],
    [
      "the entry of another token",
      "damaged",
      async () => (await sealed("key", { ...token, id: "0".repeat(16) })).payload,
    ],
    ["an entry by a key that is not there", "unknown_key", async () => (await sealed("key", token, third)).payload],
    [
      "a key id put in place of another",
      "damaged",
      async (payload) => payload.slice(0, 12) + (await sealed("key", token, third)).payload.slice(12),
    ],
  ])("%s", async (_, reason, change) => {
    const inner = memoryStore();
    const { store, unreadable } = encrypted(inner, first, second);
    await store.set("key", token, 60_000);
    const { payload } = await entryOf(inner, "key");
    await inner.set("key", { id: token.id, payload: await change(payload) }, 3_600_000);
    expect(await store.get("key")).toBeUndefined();
    const remainingMs = expect.closeTo(3_600_000, -4);
    expect(unreadable).toEqual([{ key: "key", tokenId: token.id, remainingMs, reason }]);
    await store.set("key", { id: "new", payload: "new" }, 1_000);
    expect(await store.get("key")).toMatchObject({ id: "new", payload: "new" });
  });

  test("a change of any character", async () => {
    const { payload } = await sealed("key", token);
    const changes = fc.tuple(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 127 }));
    await fc.assert(
      fc.asyncProperty(changes, async ([place, code]) => {
        const changed = payload.slice(0, place) + String.fromCharCode(code) + payload.slice(place + 1);
        const inner = memoryStore();
        await inner.set("key", { id: token.id, payload: changed }, 60_000);
        const found = await encrypted(inner, first).store.get("key");
        expect(found?.payload).toBe(decodesAlike(changed, payload) ? token.payload : undefined);
      }),
    );
  });

  test("also if getOrLease reads it", async () => {
    const inner = inOneStep(memoryStore());
    await encrypted(inner, second).store.set("key", token, 60_000);
    const { store, unreadable } = encrypted(inner, first);
    expect(await store.getOrLease?.("key", 60_000, undefined)).toMatchObject({ type: "lease" });
    const remainingMs = expect.closeTo(60_000, -4);
    expect(unreadable).toEqual([{ key: "key", tokenId: token.id, remainingMs, reason: "unknown_key" }]);
    await store.set("key", { id: "mine", payload: "mine" }, 1_000);
    const outcome = await store.getOrLease?.("key", 60_000, undefined);
    expect(outcome).toMatchObject({ type: "token", token: { id: "mine", payload: "mine" } });
  });

  test("a late answer does not delete what another process has written meanwhile", async () => {
    const inner = memoryStore();
    const { store } = encrypted(inner, first);
    await inner.set("key", { id: "foreign", payload: "foreign" }, 60_000);
    await store.get("key");
    await encrypted(inner, first).store.delete("key", "foreign");
    await encrypted(inner, first).store.set("key", token, 60_000);
    await store.set("key", { id: "shorter", payload: "shorter" }, 1_000);
    expect(await store.get("key")).toMatchObject(token);
  });
});

describe("case 31: replicas with different encryption settings", () => {
  type Wrap = (inner: TokenStore) => TokenStore;
  const by =
    (...keys: Uint8Array[]): Wrap =>
    (inner) =>
      encryptedStore(inner, { keys });
  const plain: Wrap = (inner) => inner;

  it.each<[string, Wrap, Wrap]>([
    ["encryption is turned on", plain, by(first)],
    ["a key is replaced", by(first), by(second)],
  ])("send one request each while %s, and no token is dropped as refused", async (_, before, after) => {
    const clock = new ManualClock();
    const shared = memoryStore({ clock });
    const source = new TestTokenSource();
    const seen = recorder();
    const caches = [before, after, before, after].map(
      (wrap) => new TokenCache({ clock, store: wrap(shared), observer: seen.observer }),
    );
    for (let round = 0; round < 20; round += 1) {
      for (const cache of caches) await cache.getToken(source);
      clock.advance(1_000);
    }
    expect(source.issues).toBeLessThanOrEqual(caches.length);
    expect(seen.types()).not.toContain("refused");
  });
});

test("looks past an unreadable entry once, and remembers the token that its caller knows", async () => {
  const inner = inOneStep(memoryStore());
  const { store } = encrypted(inner, first);
  await store.set("key", token, 60_000);
  const known = await inner.get("key");
  const unreadable = { id: "unreadable", payload: "e1.", remainingMs: 60_000 };
  let looks = 0;
  const getOrLease: TokenStore["getOrLease"] = async (_key, _holdMs, skipped) => {
    looks += 1;
    // Another process has put the known token back between the two reads.
    const entry = looks === 1 ? unreadable : known;
    return entry === undefined || !isNews(entry, skipped) ? { type: "held" } : { type: "token", token: entry };
  };
  const again = encryptedStore({ ...inner, getOrLease }, { keys: [first] });
  const outcome = await again.getOrLease?.("key", 60_000, { id: token.id, remainingMs: 60_000 });
  expect(outcome).toMatchObject({ type: "lease" });
  expect(looks).toBe(2);
});

test("case 43: a token that differs at each read ends in the lease", async () => {
  let looks = 0;
  const getOrLease: TokenStore["getOrLease"] = async () => {
    looks += 1;
    return { type: "token", token: { id: String(looks), payload: "\u{fffd}", remainingMs: 60_000 } };
  };
  const store = encryptedStore({ ...memoryStore(), getOrLease }, { keys: [first] });
  expect(await store.getOrLease?.("key", 60_000, undefined)).toMatchObject({ type: "lease" });
  expect(looks).toBe(2);
});

describe("keys", () => {
  test("are accepted as bytes, base64 and base64url, with or without padding", async () => {
    const inner = memoryStore();
    // Its base64 has a plus, a slash and padding.
    const bytes = Buffer.concat([Buffer.from("fbffbf", "hex"), randomBytes(29)]);
    await encryptedStore(inner, { keys: [bytes] }).set("key", token, 60_000);
    const base64 = bytes.toString("base64");
    for (const key of [new Uint8Array(bytes), base64, base64.replace("=", ""), bytes.toString("base64url")]) {
      expect(await encryptedStore(inner, { keys: [key] }).get("key")).toMatchObject(token);
    }
  });

  test("are copied, so that the caller may erase its own", async () => {
    const inner = memoryStore();
    const bytes = Buffer.from(first);
    const store = encryptedStore(inner, { keys: [bytes] });
    bytes.fill(0);
    await store.set("key", token, 60_000);
    expect(await encrypted(inner, first).store.get("key")).toMatchObject(token);
  });

  test.each<[string, unknown, string]>([
    ["no array", undefined, "The option keys must be an array"],
    ["no key", [], "The option keys must be an array"],
    ["a variable that is not set", [first, undefined], "keys[1] is missing"],
    ["an empty one", [""], "keys[0] is missing"],
    ["too few bytes", [first.subarray(1)], "keys[0] must have 32 bytes, and has 31"],
    ["too many", [Buffer.alloc(33).toString("base64")], "keys[0] must have 32 bytes, and has 33"],
    ["hexadecimal digits", [first.toString("hex")], "keys[0] must have 32 bytes, and has 48"],
    ["a pass phrase", ["correct horse battery staple canary"], "keys[0] must be bytes, or text in base64"],
    ["nothing but zeros", [new Uint8Array(32)], "keys[0] is one byte 32 times"],
    ["a buffer that was filled", [Buffer.alloc(32, 7).toString("base64")], "keys[0] is one byte 32 times"],
    ["a number", [7], "keys[0] must be bytes"],
  ])("%s is refused by name, and not printed", (_, keys, message) => {
    let thrown: unknown;
    try {
      encryptedStore(memoryStore(), { keys: keys as Uint8Array[] });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "invalid_options", message: expect.stringContaining(message) });
    expect(thrown).toMatchObject({ message: expect.stringContaining("Make one with: node -p") });
    for (const text of [inspect(thrown), JSON.stringify(thrown)]) {
      expect(text).not.toMatch(new RegExp(`canary|${first.toString("hex")}`));
    }
  });
});

test("a store without leases and notices has none when encrypted", () => {
  const { get, set, delete: remove } = memoryStore();
  const store = encryptedStore({ get, set, delete: remove }, { keys: [first] });
  expect([store.lease, store.getOrLease, store.changed]).toEqual([undefined, undefined, undefined]);
});

async function sealed(
  key: string,
  { id, payload }: typeof token,
  encryptionKey: Uint8Array = first,
): Promise<FoundToken> {
  const inner = memoryStore();
  await encrypted(inner, encryptionKey).store.set(key, { id, payload }, 60_000);
  return await entryOf(inner, key);
}

/** The last character of base64 has unused bits. */
function decodesAlike(one: string, other: string): boolean {
  const parts = (text: string) => text.split(".").map((part, index) => (index < 2 ? part : atobOrEmpty(part)));
  return JSON.stringify(parts(one)) === JSON.stringify(parts(other));
}

function atobOrEmpty(text: string): string {
  try {
    return atob(text);
  } catch {
    return "";
  }
}
