import { OAuth2Client } from "google-auth-library";
import { type Contender, field } from "./contender.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect({ tokenUrl, apiUrl, clientId, clientSecret }) {
    const client = new OAuth2Client({ clientId, clientSecret, endpoints: { oauth2TokenUrl: tokenUrl } });
    // Its clients differ in how they prove who they are; all of them keep and renew a token this way.
    client.setCredentials({ refresh_token: "a-refresh-token" });
    return {
      getToken: () => client.getAccessToken(),
      valueOf: field("token"),
      callApi: async () => (await client.request({ url: apiUrl })).status,
    };
  },
};
