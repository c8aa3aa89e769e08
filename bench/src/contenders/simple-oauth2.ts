import { type AccessToken, ClientCredentials } from "simple-oauth2";
import { type Contender, field } from "./contender.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect({ baseUrl, tokenUrl, clientId, clientSecret }) {
    const client = new ClientCredentials({
      client: { id: clientId, secret: clientSecret },
      auth: { tokenHost: new URL(baseUrl).origin, tokenPath: new URL(tokenUrl).pathname },
      options: { authorizationMethod: "body" },
    });
    let token: AccessToken | undefined;
    return {
      // The README: ask `expired` with a window, and get another token where it is.
      async getToken() {
        if (token === undefined || token.expired(60)) token = await client.getToken({});
        return token.token;
      },
      valueOf: field("access_token"),
    };
  },
};
