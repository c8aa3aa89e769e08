import {
  type FoundToken,
  isNews,
  type KnownToken,
  type StoredToken,
  type TokenOrLease,
  type TokenStore,
  type UnreadableEntry,
} from "../../contract/token-store.ts";
import { ownMembers } from "../../own-members.ts";
import { Listeners } from "../listeners.ts";
import {
  type EncryptionKey,
  fromBase64,
  type ImportedKey,
  importEncryptionKey,
  readEncryptionKeys,
  toBase64,
} from "./encryption-keys.ts";

export type { EncryptionKey } from "./encryption-keys.ts";

/** Options of {@link encryptedStore}. */
export interface EncryptedStoreOptions {
  /**
   * The first key encrypts; all decrypt. To change it, add the new key as the last one everywhere, then make it the
   * first everywhere. Remove the old one after the lifetime of the longest token.
   */
  readonly keys: readonly EncryptionKey[];
}

/** The stored form: `e1.<key id>.<nonce>.<ciphertext and tag>`, both in base64. */
const ENVELOPE = /^e1\.([0-9a-f]{8})\.([A-Za-z0-9+/]{16})\.([A-Za-z0-9+/]+={0,2})$/;

/** The nonce length that GCM is defined for, in bytes. Random nonces are safe for some 2^32 tokens per key. */
const NONCE_BYTES = 12;

/** The most store keys whose unreadable entry is remembered. */
const MAX_UNREADABLE = 1_000;

/**
 * Encrypts what another store keeps, by AES-256-GCM. A reader of that store cannot use its tokens. A writer cannot put
 * another token, or move one to another identity. Store keys and token ids, both hashes, stay readable.
 *
 * An entry that it cannot read is a miss, and is reported by {@link TokenStore.unreadable}. It stays until a token takes its
 * place.
 *
 * @throws TokenError `invalid_options` naming the key that is wrong
 */
export function encryptedStore(store: TokenStore, options: EncryptedStoreOptions): TokenStore {
  const keyBytes = readEncryptionKeys(ownMembers(options).keys);
  let imported: ImportedKey[] | undefined;
  const keys = async () => {
    // Not the promise of the keys: on Workers a request must not wait for another request's promise.
    imported ??= await Promise.all(keyBytes.map(importEncryptionKey));
    return imported;
  };
  const listeners = new Listeners<UnreadableEntry>();
  /** Key to token id. */
  const unreadable = new Map<string, string>();

  async function encrypt(key: string, { id, payload }: StoredToken): Promise<StoredToken> {
    const [first] = await keys();
    if (first === undefined) throw new Error("There is a key: it was checked.");
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const plaintext = new TextEncoder().encode(payload);
    const additionalData = boundTo(first.id, key, id);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, first.key, plaintext);
    return { id, payload: `e1.${first.id}.${toBase64(iv)}.${toBase64(new Uint8Array(sealed))}` };
  }

  /** The payload, or why there is none. */
  async function decrypt(
    key: string,
    { id, payload }: StoredToken,
  ): Promise<{ payload: string } | { reason: UnreadableEntry["reason"] }> {
    if (!payload.startsWith("e1.")) return { reason: "unknown_version" };
    const [, keyId = "", nonce = "", ciphertext = ""] = ENVELOPE.exec(payload) ?? [];
    const [iv, sealed] = [fromBase64(nonce), fromBase64(ciphertext)];
    if (keyId === "" || iv === undefined || sealed === undefined) return { reason: "damaged" };
    const used = (await keys()).find((each) => each.id === keyId);
    if (used === undefined) return { reason: "unknown_key" };
    try {
      const additionalData = boundTo(keyId, key, id);
      const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, used.key, sealed);
      return { payload: new TextDecoder().decode(opened) };
    } catch {
      return { reason: "damaged" };
    }
  }

  /** What was found, decrypted; `undefined` for an entry that cannot be read, which is reported. */
  async function read(key: string, found: FoundToken): Promise<FoundToken | undefined> {
    const result = await decrypt(key, found);
    if ("payload" in result) return { ...found, payload: result.payload };
    if (unreadable.size >= MAX_UNREADABLE) unreadable.clear();
    unreadable.set(key, found.id);
    listeners.notify({ key, tokenId: found.id, remainingMs: found.remainingMs, reason: result.reason });
    return undefined;
  }

  /**
   * Looks past an entry that cannot be read, but only once. With an entry whose id differs at each read, it would never
   * end.
   */
  async function getOrLease(key: string, holdMs: number, known: KnownToken | undefined): Promise<TokenOrLease> {
    let skipped = known;
    for (let looks = 0; looks < 2; looks += 1) {
      const outcome = await store.getOrLease?.(key, holdMs, skipped);
      if (outcome?.type !== "token") return outcome ?? { type: "held" };
      const found = outcome.token;
      const token = isNews(found, known) ? await read(key, found) : undefined;
      if (token !== undefined) return { type: "token", token };
      skipped = found;
    }
    const lease = await store.lease?.(key, holdMs);
    return lease === undefined ? { type: "held" } : { type: "lease", lease };
  }

  return {
    async get(key) {
      const found = await store.get(key);
      return found && read(key, found);
    },

    async set(key, token, remainingMs) {
      const encrypted = await encrypt(key, token);
      const inTheWay = unreadable.get(key);
      // Otherwise its later expiry would win, and no token could be shared before it expires.
      if (inTheWay !== undefined) await store.delete(key, inTheWay, "unreadable");
      unreadable.delete(key);
      await store.set(key, encrypted, remainingMs);
    },

    delete: (key, tokenId, reason) => store.delete(key, tokenId, reason),

    ...(store.lease && { lease: store.lease.bind(store) }),

    ...(store.getOrLease && { getOrLease }),

    ...(store.take && { take: store.take.bind(store) }),

    ...(store.changed && { changed: store.changed.bind(store) }),

    unreadable(listener) {
      const stops = [listeners.add(listener), store.unreadable?.(listener)];
      return () => {
        for (const stop of stops) stop?.();
      };
    },

    async close() {
      listeners.clear();
      await store.close?.();
    },
  };
}

/** Additional data that binds an entry to its place. As JSON, so that no two lists have the same text. */
function boundTo(keyId: string, key: string, tokenId: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(["e1", keyId, key, tokenId]));
}
