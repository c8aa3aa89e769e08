import { sha256Hex } from "../sha256.ts";

/**
 * An access token as a provider issued it. Printing it in any way shows `[redacted]` in place of its value; only
 * {@link AccessToken.value} gives the value itself.
 */
export interface AccessToken {
  /** The secret itself: put it into the `Authorization` header and nowhere else. */
  readonly value: string;
  /** As the provider sent it, `Bearer` for all providers here. */
  readonly tokenType: string;
  /** The granted scope, if the provider names it. */
  readonly scope: string | undefined;
  /** When the token's life began: epoch ms on this machine's wall clock. */
  readonly issuedAt: number;
  /** When the token expires: epoch ms on this machine's wall clock. */
  readonly expiresAt: number;
  /** The first 16 hex digits of the value's SHA-256: the only form of a token that may reach a log. */
  readonly id: string;
  /** `[redacted]`. */
  toString(): string;
  /** All fields, with `[redacted]` in place of the value. */
  toJSON(): object;
}

interface AccessTokenInit {
  readonly value: string;
  readonly tokenType: string;
  readonly scope?: string | undefined;
  /** Epoch ms on this machine's wall clock. */
  readonly issuedAt: number;
  /** Epoch ms on this machine's wall clock. */
  readonly expiresAt: number;
}

const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const DENO_INSPECT = Symbol.for("Deno.customInspect");

/** Makes a token that prints itself redacted. */
export function createAccessToken(init: AccessTokenInit): AccessToken {
  return new RedactedAccessToken(init);
}

class RedactedAccessToken implements AccessToken {
  readonly #value: string;
  readonly tokenType: string;
  readonly scope: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly id: string;

  constructor(init: AccessTokenInit) {
    this.#value = init.value;
    this.tokenType = init.tokenType;
    this.scope = init.scope;
    this.issuedAt = init.issuedAt;
    this.expiresAt = init.expiresAt;
    this.id = tokenId(init.value);
  }

  get value(): string {
    return this.#value;
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON() {
    const { tokenType, scope, issuedAt, expiresAt, id } = this;
    return { value: "[redacted]", tokenType, scope, issuedAt, expiresAt, id };
  }

  /** Node.js and Bun print this. */
  [INSPECT](): string {
    return `AccessToken ${JSON.stringify(this)}`;
  }

  /** Deno prints this. */
  [DENO_INSPECT](): string {
    return this[INSPECT]();
  }
}

/** The loggable name of a token value: the first 16 hex digits of its SHA-256. */
export function tokenId(value: string): string {
  return sha256Hex(value, 8);
}
