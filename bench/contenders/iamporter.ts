import { Iamporter } from "iamporter";
import { type Connect, field } from "../src/clients/token-client.ts";

export const connect: Connect = ({ baseUrl, clientId, clientSecret }) => {
  const client = new Iamporter({ apiKey: clientId, secret: clientSecret, host: baseUrl });
  return {
    // It has no public way to its token. Each of its API calls begins with this one.
    getToken: () => client._updateToken().then(() => client),
    valueOf: field("token"),
    callApi: async () => (await client.findByImpUid("api")).status,
  };
};
