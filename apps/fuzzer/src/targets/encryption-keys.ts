import { TokenError } from "@x/token-cache-core";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { memoryStore } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { oddValue } from "../odd-values.ts";
import { must, type Target } from "../target.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.constantFrom(0, 1, 255).map((byte) => new Uint8Array(32).fill(byte)),
);
const keys = fc.oneof(
  bytes,
  bytes.map((key) => Buffer.from(key).toString("base64")),
  bytes.map((key) => Buffer.from(key).toString("base64url")),
  bytes.map((key) => Buffer.from(key).toString("hex")),
  oddValue,
);

export const encryptionKeys: Target = {
  name: "encryption-keys",
  input: "Encryption keys of any length and form, and keys of one repeated byte.",
  rule: "A key is 32 bytes that are not all the same; anything else is an error that does not print it.",
  shortRuns: 300,
  open: () => ({
    property: fc.asyncProperty(fc.array(keys, { maxLength: 3 }), async (given) => {
      let error: unknown;
      try {
        encryptedStore(memoryStore(), { keys: given as Uint8Array[] });
      } catch (thrown) {
        error = thrown;
      }
      const isRight = given.length > 0 && given.every((key) => isKey(key));
      if (isRight) return must(error === undefined, `A right key is refused: ${String(error)}`);
      must(TokenError.is(error) && error.code === "invalid_options", "A wrong key is taken.");
      for (const key of given) {
        const isPrinted = typeof key === "string" && key.length >= 20 && error.message.includes(key);
        must(!isPrinted, "The error prints a key.");
      }
    }),
  }),
};

function isKey(key: unknown): boolean {
  const raw = typeof key === "string" && /^[\w+/-]*={0,2}$/.test(key) ? Buffer.from(key, "base64url") : key;
  return raw instanceof Uint8Array && raw.length === 32 && raw.some((byte) => byte !== raw[0]);
}
