import { OAuth2Client } from "google-auth-library";
import { type Connect, field } from "../src/clients/token-client.ts";

export const connect: Connect = ({ tokenUrl, apiUrl, clientId, clientSecret }) => {
  const client = new OAuth2Client({ clientId, clientSecret, endpoints: { oauth2TokenUrl: tokenUrl } });
  // Its clients differ in how they authenticate. All of them cache and renew a token this way.
  client.setCredentials({ refresh_token: "a-refresh-token" });
  return {
    getToken: () => client.getAccessToken(),
    valueOf: field("token"),
    callApi: async () => (await client.request({ url: apiUrl })).status,
  };
};
