import type { Provider } from "@x/commerce-auth-emulator";
import type { AccessToken } from "@x/token-cache-core";
import type { Stage } from "./stage.ts";

/** Does the same `times` times at once. */
export function many<T>(times: number, act: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => act(index)));
}

/** How many different tokens there are among these. */
export function distinct(tokens: readonly AccessToken[]): number {
  return new Set(tokens.map(({ id }) => id)).size;
}

/** The API's answer to a token, without any client: the first call of the provider's documents. */
export async function apiStatus(stage: Stage, provider: Provider, token: AccessToken): Promise<number> {
  const headers = { authorization: `Bearer ${token.value}` };
  const response = await fetch(firstCall(stage, provider), { headers });
  await response.body?.cancel();
  return response.status;
}

/** The first API call that each provider's documents show. */
export function firstCall({ emulator }: Stage, provider: Provider): string {
  const { apiBaseUrl } = emulator[provider];
  const paths = {
    toss: `/${emulator.toss.credentials.solutionCode}/products/categories/children`,
    naver: "/v1/seller/account",
    iamport: "/payments/imp_448280090638",
  };
  return apiBaseUrl + paths[provider];
}
