import { ConfidentialClientApplication, type INetworkModule } from "@azure/msal-node";
import { type Connect, field } from "../src/clients/token-client.ts";

const AUTHORITY = "https://login.example/tenant";

export const connect: Connect = ({ tokenUrl, clientId, clientSecret }) => {
  const client = new ConfidentialClientApplication({
    auth: {
      clientId,
      clientSecret,
      authority: AUTHORITY,
      knownAuthorities: ["login.example"],
      authorityMetadata: JSON.stringify({
        issuer: AUTHORITY,
        authorization_endpoint: `${AUTHORITY}/authorize`,
        token_endpoint: `${AUTHORITY}/token`,
        jwks_uri: `${AUTHORITY}/keys`,
      }),
    },
    // It accepts https only. Its documented option for another HTTP client leads to the loopback server.
    system: { networkClient: loopback(tokenUrl) },
  });
  return {
    getToken: () => client.acquireTokenByClientCredential({ scopes: ["api/.default"] }),
    valueOf: field("accessToken"),
  };
};

function loopback(tokenUrl: string): INetworkModule {
  async function send<T>(method: string, options?: { headers?: Record<string, string>; body?: string }) {
    const response = await fetch(tokenUrl, { method, ...options });
    const text = await response.text();
    let body: unknown = text;
    try {
      body = JSON.parse(text);
    } catch {}
    return { status: response.status, headers: Object.fromEntries(response.headers), body: body as T };
  }
  return {
    sendGetRequestAsync: (_url, options) => send("GET", options),
    sendPostRequestAsync: (_url, options) => send("POST", options),
  };
}
