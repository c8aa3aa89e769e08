import { createAppAuth } from "@octokit/auth-app";
import { request } from "@octokit/request";
import { type Contender, field } from "./contender.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect({ baseUrl, clientSecret }) {
    const auth = createAppAuth({
      appId: 1,
      installationId: 1,
      // What it signs its request with does not matter to this server.
      createJwt: async () => ({ jwt: clientSecret, expiresAt: new Date(Date.now() + 600_000).toISOString() }),
      request: request.defaults({ baseUrl }),
    });
    return {
      getToken: () => auth({ type: "installation" }),
      valueOf: field("token"),
      callApi: async () => (await request("GET /api", { baseUrl, request: { hook: auth.hook } })).status,
    };
  },
};
