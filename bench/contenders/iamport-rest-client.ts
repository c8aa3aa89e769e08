import iamport from "iamport-rest-client-nodejs";
import { type Connect, field } from "../src/clients/token-client.ts";

export const connect: Connect = ({ baseUrl, clientId, clientSecret }) => {
  const client = new iamport.Iamport({ apiKey: clientId, apiSecret: clientSecret, baseUrl });
  return {
    // Each of its API calls begins with this one.
    getToken: () => client.getHeaders(),
    valueOf(result) {
      const header = field("Authorization")(result);
      const value = typeof header === "string" ? header.slice("Bearer ".length) : undefined;
      return value === "undefined" ? undefined : value;
    },
    callApi: async () => (await iamport.Request.Payments.getByImpUid({ imp_uid: "api" }).request(client)).status,
  };
};
