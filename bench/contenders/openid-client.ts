import * as oauth from "openid-client";
import { type Connect, field } from "../src/clients/token-client.ts";

export const connect: Connect = ({ baseUrl, tokenUrl, apiUrl, clientId, clientSecret }) => {
  const config = new oauth.Configuration(
    { issuer: baseUrl, token_endpoint: tokenUrl },
    clientId,
    undefined,
    oauth.ClientSecretPost(clientSecret),
  );
  oauth.allowInsecureRequests(config);
  return {
    getToken: () => oauth.clientCredentialsGrant(config, {}),
    valueOf: field("access_token"),
    async callApi() {
      const { access_token } = await oauth.clientCredentialsGrant(config, {});
      return (await oauth.fetchProtectedResource(config, access_token, new URL(apiUrl), "GET")).status;
    },
  };
};
