import { createHash } from "node:crypto";
import { type AccessToken, TokenCache, type TokenStore } from "@x/token-cache-core";
import { createTokenSource, type IssuedToken, type TokenSource } from "@x/token-cache-core/provider";
import type { ManualClock } from "@x/token-cache-core/testing";

const LIFETIME_MS = 3_600_000;

/** A right key for encrypted stores. */
export const ENCRYPTION_KEY = Uint8Array.from({ length: 32 }, (_, place) => place);

/** As a token's id is documented: the first 16 hex digits of its SHA-256. */
export const tokenId = (value: string) => createHash("sha256").update(value).digest("hex").slice(0, 16);

/** An identity whose provider issues `<name>-token-1`, `-2` and so on. */
export function identity(
  name: string,
  altered: (token: IssuedToken) => IssuedToken = (token) => token,
): TokenSource & { readonly issued: readonly string[] } {
  const issued: string[] = [];
  const source = createTokenSource({
    provider: "acme",
    tokenUrl: new URL("https://acme.example/token"),
    policy: { softWindow: { share: 0.2 }, hardWindow: { ms: 1_000 } },
    identity: () => [name],
    async issue({ clock }) {
      issued.push(`${name}-token-${issued.length + 1}`);
      const sentAt = { wall: clock.wall(), monotonic: clock.monotonic() };
      return altered({ value: issued.at(-1) ?? "", lifetimeMs: LIFETIME_MS, sentAt });
    },
  });
  return Object.assign(source, { issued });
}

/** Puts a token for each identity into the store, as another process does. */
export async function fill(
  store: TokenStore,
  sources: readonly TokenSource[],
  clock: ManualClock,
): Promise<AccessToken[]> {
  await using cache = new TokenCache({ store, clock });
  return await Promise.all(sources.map((source) => cache.getToken(source)));
}
