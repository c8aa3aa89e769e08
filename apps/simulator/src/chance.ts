import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import type { Random } from "./random.ts";

const TAG_BYTES = 16;

/**
 * WebCrypto's answers come from other threads, in an order of their own. These come at once, as the next microtask.
 * Only what the library uses.
 */
function promptCrypto(random: Random) {
  return {
    getRandomValues(bytes: Uint8Array) {
      for (let index = 0; index < bytes.length; index++) bytes[index] = random.whole(0, 255);
      return bytes;
    },
    randomUUID: () => `uuid-${random.whole(0, 1e9)}`,
    subtle: {
      importKey: async (_format: string, bytes: Uint8Array) => bytes,
      digest: async (_name: string, bytes: Uint8Array) =>
        new Uint8Array(createHash("sha256").update(bytes).digest()).buffer,
      async encrypt({ iv, additionalData }: AesGcm, key: Uint8Array, text: Uint8Array) {
        const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(additionalData);
        const sealed = [cipher.update(text), cipher.final(), cipher.getAuthTag()];
        return new Uint8Array(Buffer.concat(sealed)).buffer;
      },
      async decrypt({ iv, additionalData }: AesGcm, key: Uint8Array, sealed: Uint8Array) {
        const end = sealed.length - TAG_BYTES;
        const decipher = createDecipheriv("aes-256-gcm", key, iv)
          .setAAD(additionalData)
          .setAuthTag(sealed.subarray(end));
        return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()])).buffer;
      },
    },
  };
}

interface AesGcm {
  readonly iv: Uint8Array;
  readonly additionalData: Uint8Array;
}

const forbidden = (name: string) => () => {
  throw new Error(`${name} was used: in a schedule, time and chance come from the seed alone.`);
};

/** Runs something in which every random number comes from a seed, and nothing can read a real clock or set a real timer. */
export async function withoutChance<T>(random: Random, work: () => Promise<T>): Promise<T> {
  const restore = [
    replace(Math, "random", () => random.share()),
    replace(globalThis, "crypto", promptCrypto(random)),
    replace(Date, "now", forbidden("Date.now")),
    replace(performance, "now", forbidden("performance.now")),
    replace(globalThis, "setTimeout", forbidden("setTimeout")),
    replace(globalThis, "setInterval", forbidden("setInterval")),
  ];
  try {
    return await work();
  } finally {
    for (const undo of restore) undo();
  }
}

function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}
