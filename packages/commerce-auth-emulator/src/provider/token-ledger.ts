import { createHash } from "node:crypto";

/** A token that the emulator issued. */
export interface IssuedToken<Holder> {
  readonly value: string;
  /** What the provider issues one token for: a seller, an application and an account, or an agency key. */
  readonly identity: string;
  readonly holder: Holder;
  readonly issuedAt: number;
  /** Epoch ms. Only iamport's extension changes it. */
  expiresAt: number;
  /** API routes refuse it although it has not expired. */
  revoked: boolean;
}

/** What the token endpoint issues after a revocation: a new token, or the refused token again. */
export type AfterRevocation = "new-token" | "same-token";

/** First 16 hex digits of the SHA-256 of a token: identifies a token without showing it. */
export function tokenId(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}

/** All tokens of one provider: the current token of each identity, and the tokens that API routes accept. */
export class TokenLedger<Holder> {
  readonly #byValue = new Map<string, IssuedToken<Holder>>();
  readonly #current = new Map<string, IssuedToken<Holder>>();

  get issuedCount(): number {
    return this.#byValue.size;
  }

  /** Adds a new token and makes it the identity's current one. Earlier tokens do not change. */
  issue(token: Omit<IssuedToken<Holder>, "revoked">): IssuedToken<Holder> {
    const issued: IssuedToken<Holder> = { ...token, revoked: false };
    this.#byValue.set(issued.value, issued);
    this.#current.set(issued.identity, issued);
    return issued;
  }

  /** The token that the next token request returns or replaces. Undefined after its expiry. */
  current(identity: string, now: number): IssuedToken<Holder> | undefined {
    const token = this.#current.get(identity);
    return token !== undefined && now < token.expiresAt ? token : undefined;
  }

  /** The token, if API routes accept it at `now`: they know a token only after the propagation time. */
  accepted(value: string | undefined, now: number, propagationMs: number): IssuedToken<Holder> | undefined {
    const token = value === undefined ? undefined : this.#byValue.get(value);
    if (token === undefined || token.revoked || now >= token.expiresAt) return undefined;
    return now - token.issuedAt < propagationMs ? undefined : token;
  }

  /**
   * Makes API routes refuse one token, or all that have not expired. Returns the number of refused tokens. With
   * "same-token" the token endpoint returns the refused token again. Naver does so if the 401 has another cause than
   * the token's age.
   */
  revoke(match: { value?: string | undefined; id?: string | undefined }, now: number, after: AfterRevocation): number {
    let revoked = 0;
    for (const token of this.#byValue.values()) {
      if (token.revoked || now >= token.expiresAt) continue;
      if (match.value !== undefined && token.value !== match.value) continue;
      if (match.id !== undefined && tokenId(token.value) !== match.id) continue;
      this.#refuse(token, after);
      revoked += 1;
    }
    return revoked;
  }

  /** Makes API routes refuse the identity's current token. */
  revokeCurrent(identity: string): void {
    const token = this.#current.get(identity);
    if (token !== undefined) this.#refuse(token, "new-token");
  }

  clear(): void {
    this.#byValue.clear();
    this.#current.clear();
  }

  #refuse(token: IssuedToken<Holder>, after: AfterRevocation): void {
    token.revoked = true;
    if (after === "new-token" && this.#current.get(token.identity) === token) this.#current.delete(token.identity);
  }
}
