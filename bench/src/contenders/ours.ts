import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { type Contender, field } from "./contender.ts";

// Toss's token endpoint is the one of the three that speaks plain OAuth 2.
export const contender: Contender = {
  keepsTokens: true,
  connect({ tokenUrl, apiUrl, clientId, clientSecret }) {
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
  },
};
