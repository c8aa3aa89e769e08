import type { Endpoint } from "./contender.ts";

export interface PlainToken {
  readonly access_token: string;
  readonly expires_in: number;
}

/** The token request as most would write it, for the contenders that cache whatever they are given. */
export async function requestToken({ tokenUrl, clientId, clientSecret }: Endpoint): Promise<PlainToken> {
  const response = await fetch(tokenUrl, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret }),
  });
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`);
  return (await response.json()) as PlainToken;
}

/** Caches of anything keep a token until a minute before its end. */
export const MARGIN_SECONDS = 60;
