import type { CredentialRotation, RotatingSource, TokenSource } from "../contract/token-source.ts";
import type { FetchedCredentials } from "../credentials/fetched-credentials.ts";

/**
 * A source whose credentials are fetched by a function. It is a handle: each set of credentials is a source of its own,
 * with its own key. The cache issues with that source.
 *
 * @param sourceWith the source with these credentials
 */
export function rotatingSource<C>(
  { provider, origin, policy }: Pick<TokenSource, "provider" | "origin" | "policy">,
  fetched: FetchedCredentials<C>,
  sourceWith: (credentials: C) => TokenSource,
): RotatingSource {
  let last: { readonly credentials: C; readonly source: TokenSource } | undefined;
  const sourceOf = (credentials: C): TokenSource => {
    if (last?.credentials !== credentials) last = { credentials, source: sourceWith(credentials) };
    return last.source;
  };
  const rotation: CredentialRotation = {
    get current() {
      return fetched.isKnown ? sourceOf(fetched.known) : undefined;
    },
    get lastError() {
      return fetched.lastError;
    },
    async resolve({ refusal, ...context }) {
      const isCurrent = refusal !== undefined && refusal.key === rotation.current?.key;
      return sourceOf(await fetched.resolve({ ...context, refusal: isCurrent ? refusal.error : undefined }));
    },
  };
  return {
    provider,
    origin,
    policy,
    rotation,
    get key() {
      // Nothing is kept under the key of unknown credentials.
      return rotation.current?.key ?? `${provider}:${origin}:unknown`;
    },
    get rateLimit() {
      return rotation.current?.rateLimit;
    },
    async issue(context) {
      const { clock, sharedFlights } = context;
      const source = await rotation.resolve({ clock, sharedFlights, report() {} });
      return await source.issue(context);
    },
  };
}
