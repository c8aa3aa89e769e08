import { TokenError } from "../../contract/token-error.ts";

/** A key for AES-256-GCM: 32 random bytes, or the same in base64 or base64url. */
export type EncryptionKey = string | Uint8Array;

/** A key that is ready for use, and cannot be exported. */
export interface ImportedKey {
  /** Identifies the key: 8 hex digits of a hash, which reveal nothing of it. */
  readonly id: string;
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
}

const KEY_BYTES = 32;

const HOW_TO = `Make one with: node -p 'crypto.randomBytes(${KEY_BYTES}).toString("base64")'`;

/**
 * Reads the bytes of all keys.
 *
 * @throws TokenError `invalid_options` naming the wrong key by its place, without showing it
 */
export function readEncryptionKeys(keys: unknown): Uint8Array<ArrayBuffer>[] {
  if (!Array.isArray(keys) || keys.length === 0) throw invalidKeys("The option keys must be an array of keys.");
  return keys.map((key: unknown, index) => readKey(key, `keys[${index}]`));
}

/** Imports a key so that it can be used and not exported. */
export async function importEncryptionKey(bytes: Uint8Array<ArrayBuffer>): Promise<ImportedKey> {
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  const named = new Uint8Array([...new TextEncoder().encode("token-cache-core key id"), ...bytes]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", named));
  return { id: Array.from(digest.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(""), key };
}

function readKey(key: unknown, name: string): Uint8Array<ArrayBuffer> {
  if (key === undefined || key === "") throw invalidKeys(`${name} is missing, perhaps a variable that is not set.`);
  const bytes = key instanceof Uint8Array ? new Uint8Array(key) : typeof key === "string" ? fromBase64(key) : undefined;
  if (bytes === undefined) throw invalidKeys(`${name} must be bytes, or text in base64.`);
  if (bytes.length !== KEY_BYTES) throw invalidKeys(`${name} must have ${KEY_BYTES} bytes, and has ${bytes.length}.`);
  if (bytes.every((byte) => byte === bytes[0])) {
    throw invalidKeys(`${name} is one byte ${KEY_BYTES} times, perhaps a buffer that was never filled.`);
  }
  return bytes;
}

/** The bytes of a text in base64 or base64url, with its padding or without; `undefined` if it is neither. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w+/-]*={0,2}$/.test(text)) return undefined;
  try {
    const decoded = atob(text.replace(/[-_]/g, (character) => (character === "-" ? "+" : "/")));
    return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Bytes in base64. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function invalidKeys(message: string): TokenError {
  return new TokenError("invalid_options", { message: `${message} ${HOW_TO}` });
}
