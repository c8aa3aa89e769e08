import { sha256Hex } from "../sha256.ts";

/** What an {@link AccessToken} is made from. */
export interface AccessTokenInit {
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

/**
 * An access token as a provider issued it. Printing it in any way shows `[redacted]` in place of its value; read
 * {@link AccessToken.value} to get the value itself.
 */
export class AccessToken {
  readonly #value: string;
  /** As the provider sent it, `Bearer` for all providers here. */
  readonly tokenType: string;
  /** The granted scope, where the provider names it. */
  readonly scope: string | undefined;
  /** When the token's life began, as far as is known here: epoch ms on this machine's wall clock. */
  readonly issuedAt: number;
  /** When it ends: epoch ms on this machine's wall clock. */
  readonly expiresAt: number;
  /** The first 16 hex digits of the SHA-256 of the value: the only form of a token that may reach a log. */
  readonly id: string;

  constructor(init: AccessTokenInit) {
    this.#value = init.value;
    this.tokenType = init.tokenType;
    this.scope = init.scope;
    this.issuedAt = init.issuedAt;
    this.expiresAt = init.expiresAt;
    this.id = tokenId(init.value);
  }

  /** The secret itself: put it into the `Authorization` header and nowhere else. */
  get value(): string {
    return this.#value;
  }

  /** `[redacted]`. */
  toString(): string {
    return "[redacted]";
  }

  /** Everything but the value. */
  toJSON() {
    const { tokenType, scope, issuedAt, expiresAt, id } = this;
    return { value: "[redacted]", tokenType, scope, issuedAt, expiresAt, id };
  }

  /** For `console.log` in Node.js and Bun. */
  [INSPECT](): string {
    return `AccessToken ${JSON.stringify(this)}`;
  }

  /** For `console.log` in Deno. */
  [DENO_INSPECT](): string {
    return this[INSPECT]();
  }
}

/** The loggable name of a token value: the first 16 hex digits of its SHA-256. */
export function tokenId(value: string): string {
  return sha256Hex(value, 8);
}
