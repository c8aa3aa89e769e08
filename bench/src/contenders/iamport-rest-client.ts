import iamport from "iamport-rest-client-nodejs";
import { type Contender, field } from "./contender.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect({ baseUrl, clientId, clientSecret }) {
    const client = new iamport.Iamport({ apiKey: clientId, apiSecret: clientSecret, baseUrl });
    return {
      // What each of its API calls begins with.
      getToken: () => client.getHeaders(),
      valueOf(result) {
        const header = field("Authorization")(result);
        const value = typeof header === "string" ? header.slice("Bearer ".length) : undefined;
        return value === "undefined" ? undefined : value;
      },
      callApi: async () => (await iamport.Request.Payments.getByImpUid({ imp_uid: "api" }).request(client)).status,
    };
  },
};
