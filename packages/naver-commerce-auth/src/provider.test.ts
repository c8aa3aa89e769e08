import { testProvider } from "@x/testing/provider";
import { anyOAuthAnswer, readOAuthAnswer } from "@x/testing/provider/expires-in";
import { anyKeyPart, anyTokenUrl } from "@x/testing/provider/identity";
import fc from "fast-check";
import { emulated } from "./emulated.test-support.ts";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions } from "./index.ts";
import { isRefused } from "./refusal.ts";
import { parseTokenAnswer } from "./token-request.ts";

const OPTIONS: Record<keyof NaverCommerceAuthOptions, true> = {
  clientId: true,
  clientSecret: true,
  type: true,
  accountId: true,
  tokenUrl: true,
  apiBaseUrl: true,
  bcryptHash: true,
  credentials: true,
  credentialsTtlMs: true,
  cache: true,
  fetch: true,
  timeoutMs: true,
  rateLimit: true,
  observer: true,
};

const anySecret = fc.constantFrom(
  "$2a$04$abcdefghijklmnopqrstuv",
  "$2b$04$abcdefghijklmnopqrstuv",
  "$2a$04$abcdefghijklmnopqrstuw",
);
const anyApplication = { clientId: anyKeyPart, clientSecret: anySecret, tokenUrl: anyTokenUrl };

testProvider({
  folder: new URL("../", import.meta.url),
  provider: "naver-commerce",
  emulated: "naver",
  createAuth: createNaverCommerceAuth,
  emulate: emulated,
  id: {
    option: "clientId",
    variable: "NAVER_COMMERCE_CLIENT_ID",
    example: "canary-client-id-3f9a",
    other: "another-client-id",
  },
  secret: {
    option: "clientSecret",
    variable: "NAVER_COMMERCE_CLIENT_SECRET",
    example: "$2a$04$canarycanarycanarycanu",
    other: "$2a$04$anotheranotheranotheru",
  },
  accepting: (applications) => ({ naver: { applications: applications as "any" } }),
  origin: "https://api.commerce.naver.com",
  options: OPTIONS,
  strings: { names: ["clientId", "clientSecret", "accountId"], among: { type: "SELLER" } },
  identities: fc.oneof(
    fc.record({ ...anyApplication, type: fc.constant("SELF") }),
    fc.record({ ...anyApplication, type: fc.constant("SELLER"), accountId: anyKeyPart }),
  ),
  token: {
    scope: undefined,
    lifetimeMs: 10_800_000,
    requestStart: /^client_id=.+&grant_type=client_credentials&/,
    answer: (access_token) => ({ access_token, expires_in: 10_800, token_type: "Bearer" }),
    limited: { kind: "provider-error", code: "GW.RATE_LIMIT", headers: { "Retry-After": "40" } },
    parse: parseTokenAnswer,
    anyAnswer: anyOAuthAnswer({
      code: fc.oneof(fc.string(), fc.constantFrom("GW.AUTHN", "toString", 0)),
      message: fc.oneof(fc.string(), fc.anything()),
      invalidInputs: fc.anything(),
    }),
    read: readOAuthAnswer,
    echoes: ({ both, secret }) => [
      { code: "GW.AUTHN", message: both, traceId: both },
      { code: secret, message: both, invalidInputs: [{ name: both, type: both, message: both }], data: both },
      { code: "BAD_REQUEST", message: `timestamp ${both}`, [secret]: secret },
    ],
    errorInside200: "provider_unavailable",
    codesWithoutReason: { 400: "invalid_options", 403: "invalid_credentials" },
    withoutReason: [{ code: null }, { code: "UNHEARD_OF" }, { code: "constructor" }],
  },
  api: {
    path: "v1/seller/account",
    realBaseUrls: ["https://api.commerce.naver.com/external"],
    postPath: "v1/pay-order/seller/product-orders/query",
    isRefused,
    errorName: "NaverApiError",
  },
  lifetimes: {
    seconds: [1, 30, 60, 61, 300, 1800, 3599, 10_800, 31_535_999],
    rules: (lifetimeSeconds) => ({ naver: { lifetimeSeconds } }),
    lives: 3,
    stepsPerLife: 32,
    mostRequests: 7,
    stepsPerApiCall: 5,
  },
  exampleOutput: "ncp_emulatedSeller001 has a token",
});
