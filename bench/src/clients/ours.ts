import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { type Connect, field } from "./token-client.ts";

// Of our three providers, Toss is the one whose token endpoint follows plain OAuth 2.
export const connect: Connect = ({ tokenUrl, apiUrl, clientId, clientSecret }) => {
  const auth = createTossShoppingAuth({
    accessKey: clientId,
    secretKey: clientSecret,
    solutionCode: "bench",
    tokenUrl,
    apiBaseUrl: apiUrl,
  });
  return {
    getToken: () => auth.getToken(),
    valueOf: field("value"),
    callApi: async () => (await auth.fetch(apiUrl)).status,
    close: () => auth.close(),
  };
};
