import { Iamporter } from "iamporter";
import { type Contender, field } from "./contender.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect({ baseUrl, clientId, clientSecret }) {
    const client = new Iamporter({ apiKey: clientId, secret: clientSecret, host: baseUrl });
    return {
      // It has no public way to the token it keeps: this is what each of its API calls begins with.
      getToken: () => client._updateToken().then(() => client),
      valueOf: field("token"),
      callApi: async () => (await client.findByImpUid("api")).status,
    };
  },
};
