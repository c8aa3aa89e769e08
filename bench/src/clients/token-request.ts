import type { Endpoint } from "./token-client.ts";

export interface PlainToken {
  readonly access_token: string;
  readonly expires_in: number;
}

/** The token request as most applications write it, for contenders that cache any value. */
export async function requestToken({ tokenUrl, clientId, clientSecret }: Endpoint): Promise<PlainToken> {
  const response = await fetch(tokenUrl, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret }),
  });
  if (!response.ok) throw new Error(`The token endpoint answered with HTTP ${response.status}.`);
  return (await response.json()) as PlainToken;
}

/** Contenders that cache any value keep a token until one minute before its expiry. */
export const MARGIN_SECONDS = 60;
