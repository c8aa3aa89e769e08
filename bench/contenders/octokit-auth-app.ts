import { createAppAuth } from "@octokit/auth-app";
import { request } from "@octokit/request";
import { type Connect, field } from "../src/clients/token-client.ts";

export const connect: Connect = ({ baseUrl, clientSecret }) => {
  const auth = createAppAuth({
    appId: 1,
    installationId: 1,
    // This server does not check the signature.
    createJwt: async () => ({ jwt: clientSecret, expiresAt: new Date(Date.now() + 600_000).toISOString() }),
    request: request.defaults({ baseUrl }),
  });
  return {
    getToken: () => auth({ type: "installation" }),
    valueOf: field("token"),
    callApi: async () => (await request("GET /api", { baseUrl, request: { hook: auth.hook } })).status,
  };
};
