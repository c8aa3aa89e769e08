import { TokenCache, type TokenCacheOptions, type TokenEvent } from "@x/token-cache-core";
import type { TokenAuth, TokenAuthOptions } from "@x/token-cache-core/provider";
import type { Recorder } from "./recorder.ts";
import { tokenId } from "./recorder.ts";
import { tokenLife } from "./token-life.ts";

/** What both sides' clients can do. */
export interface Client {
  getToken(): Promise<string>;
  call(url: string): Promise<Response>;
  close(): Promise<void>;
}

/** What every provider's options have, besides its credentials. */
interface Urls {
  readonly tokenUrl: string;
}

type Fetch = typeof globalThis.fetch;

/** The package's client, whose events the recorder sees. */
export function packageClient<Options extends Urls>(
  create: (options: Options & TokenAuthOptions) => TokenAuth & { readonly fetch: Fetch },
  options: Options,
  recorder: Recorder,
  fetch: Fetch,
  cacheOptions: TokenCacheOptions = {},
): Client {
  const observer = (event: TokenEvent) => {
    cacheOptions.observer?.(event);
    if (event.type === "issued" || event.type === "unchanged" || event.type === "adopted") record();
  };
  const cache = new TokenCache({ ...cacheOptions, observer });
  const auth = create({ ...options, cache, fetch: recorder.watching(fetch, options.tokenUrl) });
  function record(): void {
    const token = auth.peek();
    if (token === undefined) return;
    const life = tokenLife(token, auth.source.policy);
    const { issuedAt: from, expiresAt: until, renewFrom, unusableAt } = life;
    recorder.token(token.id, { from, until, renewFrom, unusableAt });
  }
  return {
    getToken: async () => (await auth.getToken()).value,
    call: (url) => auth.fetch(url),
    close: () => cache.close(),
  };
}

/** The client written by hand. `wall`: its machine's clock, epoch ms. */
export function clientByHand<Options extends Urls>(
  create: (options: Options & { fetch: Fetch; now: () => number }) => Omit<Client, "close">,
  options: Options,
  recorder: Recorder,
  fetch: Fetch,
  wall: () => number,
): Client {
  const onToken = (answer: unknown) => {
    const token = issuedToken(answer, wall());
    if (token !== undefined) recorder.token(tokenId(token.value), { until: token.expiresAt });
  };
  const watched = recorder.watching(fetch, options.tokenUrl, onToken);
  return { ...create({ ...options, fetch: watched, now: wall }), close: async () => {} };
}

/** The token in an answer of any of the three token endpoints. */
function issuedToken(answer: unknown, now: number): { value: string; expiresAt: number } | undefined {
  const body = answer as { access_token?: string; expires_in?: number; response?: IamportToken | null };
  if (body.response) return { value: body.response.access_token, expiresAt: body.response.expired_at * 1_000 };
  if (body.access_token === undefined) return undefined;
  return { value: body.access_token, expiresAt: now + (body.expires_in ?? 0) * 1_000 };
}

interface IamportToken {
  readonly access_token: string;
  readonly expired_at: number;
}
