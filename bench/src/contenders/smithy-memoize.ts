import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core";
import { type Contender, field } from "./contender.ts";
import { requestToken } from "./plain-request.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect(endpoint) {
    const getToken = memoizeIdentityProvider(
      async () => {
        const { access_token, expires_in } = await requestToken(endpoint);
        return { token: access_token, expiration: new Date(Date.now() + expires_in * 1_000) };
      },
      isIdentityExpired,
      doesIdentityRequireRefresh,
    );
    if (getToken === undefined) throw new Error("memoizeIdentityProvider gave nothing back.");
    return { getToken: () => getToken(), valueOf: field("token") };
  },
};
