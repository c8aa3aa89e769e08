import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core";
import { type Connect, field } from "../src/clients/token-client.ts";
import { requestToken } from "../src/clients/token-request.ts";

export const connect: Connect = (endpoint) => {
  const getToken = memoizeIdentityProvider(
    async () => {
      const { access_token, expires_in } = await requestToken(endpoint);
      return { token: access_token, expiration: new Date(Date.now() + expires_in * 1_000) };
    },
    isIdentityExpired,
    doesIdentityRequireRefresh,
  );
  if (getToken === undefined) throw new Error("memoizeIdentityProvider returned no function.");
  return { getToken: () => getToken(), valueOf: field("token") };
};
