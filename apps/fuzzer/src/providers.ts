import { createIamportAuth, iamportResult } from "@x/iamport-auth";
import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";
import type { TokenCache } from "@x/token-cache-core";
import { createTossShoppingAuth, tossResult } from "@x/toss-shopping-auth";
import fc from "fast-check";

type Fetch = typeof globalThis.fetch;

/** The options of a client here: all others have the provider's defaults. */
export interface ClientOptions {
  readonly cache?: TokenCache;
  readonly fetch?: Fetch;
}

/** One provider as the targets see it. */
export interface FuzzedProvider {
  readonly name: string;
  /** The credentials: nothing that is printed may hold one of them. */
  readonly secrets: readonly string[];
  readonly tokenUrl: string;
  readonly apiUrl: string;
  /** The right answer of the token endpoint. */
  tokenAnswer(token: string, nowMs: number): unknown;
  /** Valid error answers, with room for the provider's text. */
  failures(words: string): readonly unknown[];
  create(options: ClientOptions): {
    getToken(): Promise<{ readonly value: string }>;
    readonly fetch: Fetch;
    call(): Promise<unknown>;
  };
}

const LIFETIME_S = 3_600;

const all: readonly FuzzedProvider[] = [
  {
    name: "toss",
    secrets: ["toss-secret-key-0123456789"],
    tokenUrl: "https://oauth2.cert.toss.im/token",
    apiUrl: "https://shopping-fep.toss.im/api/v3/shopping-fep/solution/products",
    tokenAnswer: (token) => ({ access_token: token, scope: "s", token_type: "Bearer", expires_in: LIFETIME_S }),
    failures: (words) => [
      { resultType: "FAIL", error: { errorCode: words, reason: words } },
      { resultType: "FAIL", error: { errorCode: "TOO_MANY_REQUEST", reason: words } },
    ],
    create(options) {
      const keys = { accessKey: "toss-access", secretKey: "toss-secret-key-0123456789", solutionCode: "solution" };
      const auth = createTossShoppingAuth({ ...keys, ...options });
      return { getToken: auth.getToken, fetch: auth.fetch, call: () => tossResult(auth.api.get("products")) };
    },
  },
  {
    name: "naver",
    secrets: ["$2a$04$abcdefghijklmnopqrstuu"],
    tokenUrl: "https://api.commerce.naver.com/external/v1/oauth2/token",
    apiUrl: "https://api.commerce.naver.com/external/v1/seller/account",
    tokenAnswer: (token) => ({ access_token: token, token_type: "Bearer", expires_in: LIFETIME_S }),
    failures: (words) => [
      { code: words, message: words, traceId: words, invalidInputs: [{ name: words, type: words, message: words }] },
      { code: "GW.AUTHN", message: words, timestamp: "2026-01-01T00:00:00.000Z", traceId: words },
    ],
    create(options) {
      const application = { clientId: "naver-client", clientSecret: "$2a$04$abcdefghijklmnopqrstuu" };
      const bcryptHash = (_password: string, salt: string) => salt.padEnd(60, "x");
      const auth = createNaverCommerceAuth({ ...application, bcryptHash, ...options });
      return { getToken: auth.getToken, fetch: auth.fetch, call: () => naverResult(auth.api.get("v1/seller/account")) };
    },
  },
  {
    name: "iamport",
    secrets: ["iamport-secret-0123456789"],
    tokenUrl: "https://api.iamport.kr/users/getToken",
    apiUrl: "https://api.iamport.kr/payments/imp_448280090638",
    tokenAnswer: (token, nowMs) => {
      const now = Math.floor(nowMs / 1_000);
      return { code: 0, message: null, response: { access_token: token, now, expired_at: now + LIFETIME_S } };
    },
    failures: (words) => [
      { code: -1, message: words, response: null },
      { code: 1, message: words, response: { access_token: words } },
    ],
    create(options) {
      const auth = createIamportAuth({ impKey: "iamport-key", impSecret: "iamport-secret-0123456789", ...options });
      const call = () => iamportResult(auth.api.get("payments/imp_448280090638"));
      return { getToken: auth.getToken, fetch: auth.fetch, call };
    },
  },
];

/** Each prints as its name in the report of a failure. */
export const providers = all.map((provider) => ({ ...provider, [fc.toStringMethod]: () => provider.name }));
