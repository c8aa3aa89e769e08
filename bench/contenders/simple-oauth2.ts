import { type AccessToken, ClientCredentials } from "simple-oauth2";
import { type Connect, field } from "../src/clients/token-client.ts";

export const connect: Connect = ({ baseUrl, tokenUrl, clientId, clientSecret }) => {
  const client = new ClientCredentials({
    client: { id: clientId, secret: clientSecret },
    auth: { tokenHost: new URL(baseUrl).origin, tokenPath: new URL(tokenUrl).pathname },
    options: { authorizationMethod: "body" },
  });
  let token: AccessToken | undefined;
  return {
    // As its README recommends: ask `expired` with a window, and request another token if it is.
    async getToken() {
      if (token === undefined || token.expired(60)) token = await client.getToken({});
      return token.token;
    },
    valueOf: field("access_token"),
  };
};
