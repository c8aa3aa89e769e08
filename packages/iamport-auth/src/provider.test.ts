import { testProvider } from "@x/testing/provider";
import { anyKeyPart, anyTokenUrl } from "@x/testing/provider/identity";
import fc from "fast-check";
import { emulated } from "./emulated.test-support.ts";
import { createIamportAuth, type IamportAuthOptions } from "./index.ts";
import { isRefused } from "./refusal.ts";
import { parseTokenAnswer } from "./token-request.ts";

const OPTIONS: Record<keyof IamportAuthOptions, true> = {
  impKey: true,
  impSecret: true,
  tier: true,
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

const answer = (access_token: string) => ({
  code: 0,
  message: null,
  response: { access_token, now: 1_512_446_940, expired_at: 1_512_448_740 },
});

testProvider({
  folder: new URL("../", import.meta.url),
  provider: "iamport",
  emulated: "iamport",
  createAuth: createIamportAuth,
  emulate: emulated,
  id: { option: "impKey", variable: "IAMPORT_IMP_KEY", example: "canary-imp-key-3f9a", other: "another-imp-key" },
  secret: {
    option: "impSecret",
    variable: "IAMPORT_IMP_SECRET",
    example: "canary+secret/key=9b2e",
    other: "another-secret",
  },
  accepting: (accounts) => ({ iamport: { accounts: accounts as "any" } }),
  origin: "https://api.iamport.kr",
  options: OPTIONS,
  strings: { names: ["impKey", "impSecret", "tier"], among: {} },
  identities: fc.record({ impKey: anyKeyPart, impSecret: anyKeyPart, tokenUrl: anyTokenUrl }),
  token: {
    scope: undefined,
    lifetimeMs: 1_800_000,
    requestStart: /^\{"imp_key":/,
    answer,
    limited: {
      kind: "status",
      status: 429,
      body: { code: -1, message: "Too Many Requests", response: null },
      headers: { "Retry-After": "40" },
    },
    parse: parseTokenAnswer,
    anyAnswer: anyAnswer(),
    read: ({ response: { access_token, now, expired_at } }: ReturnType<typeof answer>) => ({
      value: access_token,
      lifetimeMs: Math.floor((Number(expired_at) - Number(now)) * 1_000),
    }),
    echoes: ({ both, secret }) => [
      { code: -1, message: both, response: null },
      { code: -1, message: null, response: { access_token: both, now: both, expired_at: both } },
      { code: both, message: both, response: both },
      { code: 0, message: both, response: null, [secret]: secret },
    ],
    errorInside200: "invalid_credentials",
    codesWithoutReason: { 400: "invalid_options", 403: "permission_denied" },
    withoutReason: [{ code: "constructor" }, { code: 0, message: null, response: null }],
  },
  api: {
    path: "payments/imp_448280090638",
    postPath: "payments/prepare",
    realBaseUrls: ["https://api.iamport.kr", "https://static-api.iamport.kr"],
    isRefused,
    errorName: "IamportApiError",
  },
  lifetimes: {
    seconds: [1, 30, 60, 61, 300, 1800, 3599],
    rules: (lifetimeSeconds) => ({ iamport: { lifetimeSeconds, extension: "once" } }),
    lives: 2,
    stepsPerLife: 32,
    mostRequests: 16,
    stepsPerApiCall: 25,
  },
  exampleOutput: "imp_448280090638 was read",
});

function anyAnswer() {
  const seconds = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.constantFrom("1512446940", null, undefined, true),
  );
  const response = fc.record(
    { access_token: fc.oneof(fc.string(), fc.anything()), now: seconds, expired_at: seconds },
    { requiredKeys: [] },
  );
  const code = fc.oneof(fc.constantFrom(0, -1, "0"), fc.anything());
  const message = fc.oneof(fc.string(), fc.anything());
  return fc.oneof(
    fc.anything(),
    fc.record({ code, message, response: fc.oneof(response, fc.anything()) }, { requiredKeys: [] }),
  );
}
