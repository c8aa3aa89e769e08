import { createHash } from "node:crypto";

/** A token the emulator issued. */
export interface IssuedToken<Holder> {
  readonly value: string;
  /** Who may use it: the provider's own idea of an identity (seller, application and account, agency key). */
  readonly identity: string;
  readonly holder: Holder;
  readonly issuedAt: number;
  /** Epoch ms. Only iamport moves it, when it extends. */
  expiresAt: number;
  /** Refused by API routes although it has not expired. */
  revoked: boolean;
}

/** What the token endpoint does when asked again after a revocation. */
export type AfterRevocation = "new-token" | "same-token";

/** First 16 hex digits of the SHA-256 of a token: tells tokens apart without showing one. */
export function tokenId(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}

/** Every token of one provider: which one an identity holds now, and which ones an API route accepts. */
export class TokenLedger<Holder> {
  readonly #byValue = new Map<string, IssuedToken<Holder>>();
  readonly #current = new Map<string, IssuedToken<Holder>>();

  get issuedCount(): number {
    return this.#byValue.size;
  }

  /** Writes down a new token and makes it the identity's current one. Earlier ones stay as they are. */
  issue(token: Omit<IssuedToken<Holder>, "revoked">): IssuedToken<Holder> {
    const issued: IssuedToken<Holder> = { ...token, revoked: false };
    this.#byValue.set(issued.value, issued);
    this.#current.set(issued.identity, issued);
    return issued;
  }

  /** The token that asking again returns or replaces; undefined once it has expired. */
  current(identity: string, now: number): IssuedToken<Holder> | undefined {
    const token = this.#current.get(identity);
    return token !== undefined && now < token.expiresAt ? token : undefined;
  }

  /** The token an API route accepts at `now`, provided it is older than the time it takes to become known. */
  accepted(value: string | undefined, now: number, propagationMs: number): IssuedToken<Holder> | undefined {
    const token = value === undefined ? undefined : this.#byValue.get(value);
    if (token === undefined || token.revoked || now >= token.expiresAt) return undefined;
    return now - token.issuedAt < propagationMs ? undefined : token;
  }

  /**
   * Refuses one token, or every unexpired one, from now on. Returns how many it refused.
   * With "same-token" the token endpoint goes on handing out the refused one, as Naver does where the 401 had
   * another cause than the token's age.
   */
  revoke(match: { value?: string; id?: string }, now: number, after: AfterRevocation): number {
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

  /** Refuses the identity's current token, as a provider does that keeps one token per identity. */
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
