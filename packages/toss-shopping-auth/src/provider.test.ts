import { testProvider } from "@x/testing/provider";
import { anyOAuthAnswer, readOAuthAnswer } from "@x/testing/provider/expires-in";
import { anyKeyPart, anyTokenUrl } from "@x/testing/provider/identity";
import fc from "fast-check";
import { emulated } from "./emulated.test-support.ts";
import { createTossShoppingAuth, type TossShoppingAuthOptions } from "./index.ts";
import { isRefused } from "./refusal.ts";
import { parseTokenAnswer } from "./token-request.ts";

const OPTIONS: Record<keyof TossShoppingAuthOptions, true> = {
  accessKey: true,
  secretKey: true,
  solutionCode: true,
  environment: true,
  scope: true,
  tokenUrl: true,
  apiBaseUrl: true,
  credentials: true,
  credentialsTtlMs: true,
  cache: true,
  fetch: true,
  timeoutMs: true,
  rateLimit: true,
  observer: true,
};

testProvider({
  folder: new URL("../", import.meta.url),
  provider: "toss-shopping",
  emulated: "toss",
  createAuth: createTossShoppingAuth,
  emulate: emulated,
  id: {
    option: "accessKey",
    variable: "TOSS_SHOPPING_ACCESS_KEY",
    example: "canary-access-key-3f9a",
    other: "another-access-key",
  },
  secret: {
    option: "secretKey",
    variable: "TOSS_SHOPPING_SECRET_KEY",
    example: "canary+secret/key=9b2e",
    other: "another-secret",
  },
  accepting: (sellers) => ({ toss: { sellers: sellers as "any" } }),
  sameToken: { toss: { reissue: "same-token" } },
  origin: "https://oauth2.cert.toss.im",
  options: OPTIONS,
  strings: { names: ["accessKey", "secretKey", "solutionCode", "scope"], among: {} },
  identities: fc.record({ accessKey: anyKeyPart, secretKey: anyKeyPart, scope: anyKeyPart, tokenUrl: anyTokenUrl }),
  token: {
    scope: "toss-shopping-fep:write",
    lifetimeMs: 3_599_000,
    requestStart: /^grant_type=client_credentials&client_id=/,
    answer: (access_token) => ({ access_token, token_type: "Bearer", expires_in: 3599 }),
    limited: { kind: "status", status: 429, body: { error: "too_many_requests" }, headers: { "Retry-After": "40" } },
    parse: parseTokenAnswer,
    anyAnswer: anyOAuthAnswer({ error: fc.string() }),
    read: readOAuthAnswer,
    echoes: ({ both, secret }) => [
      { error: "invalid_client", error_description: both },
      { error: both, error_description: both },
      { error: "invalid_client", [secret]: secret, error_uri: `https://toss.im/?${secret}` },
    ],
    errorInside200: "provider_unavailable",
    codesWithoutReason: { 400: "invalid_credentials", 403: "permission_denied" },
    withoutReason: [{ error: null }, { error: "unheard_of" }, { error: "constructor" }],
  },
  api: {
    path: "products/categories/children",
    postPath: "products",
    realBaseUrls: [
      "https://shopping-fep.toss.im/api/v3/shopping-fep",
      "https://shopping-fep-alpha.toss.im/api/v3/shopping-fep",
    ],
    isRefused,
    errorName: "TossApiError",
  },
  lifetimes: {
    seconds: [1, 30, 60, 61, 300, 1800, 3599, 10_800],
    rules: (lifetimeSeconds) => ({ toss: { lifetimeSeconds } }),
    lives: 3,
    stepsPerLife: 16,
    mostRequests: 7,
    stepsPerApiCall: 1,
  },
  exampleOutput: "categories; the token expires",
});
