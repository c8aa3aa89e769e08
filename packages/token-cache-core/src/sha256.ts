import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * The first bytes of the SHA-256 of a text's UTF-8, in hex. WebCrypto's is asynchronous, which would make a cache
 * hit asynchronous too.
 */
export function sha256Hex(text: string, bytes: number): string {
  const digest = sha256(utf8ToBytes(text)).subarray(0, bytes);
  // Joined: V8 keeps all pieces of a concatenated or sliced string in memory.
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
