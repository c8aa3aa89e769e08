import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { type Connect, field } from "../src/clients/token-client.ts";

export const connect: Connect = ({ tokenUrl, apiUrl, clientId, clientSecret }) => {
  const client = new OAuth2Client({
    clientId,
    clientSecret,
    tokenEndpoint: tokenUrl,
    authenticationMethod: "client_secret_post",
  });
  const wrapper = new OAuth2Fetch({
    client,
    getNewToken: () => client.clientCredentials(),
    scheduleRefresh: false,
  });
  return {
    getToken: () => wrapper.getToken(),
    valueOf: field("accessToken"),
    callApi: async () => (await wrapper.fetch(apiUrl)).status,
  };
};
