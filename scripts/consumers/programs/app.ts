// What a user writes: a token and a call of each provider, the encrypted store, an error. Runs against the emulator, by
// COMMERCE_AUTH_EMULATOR or by options.

import { createIamportAuth, type IamportAuthOptions, iamportResult } from "@x/iamport-auth";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions, naverResult } from "@x/naver-commerce-auth";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { memoryStore } from "@x/token-cache-core/testing";
import {
  createTossShoppingAuth,
  TokenCache,
  TokenError,
  type TokenEvent,
  type TossShoppingAuthOptions,
  tossResult,
} from "@x/toss-shopping-auth";

export interface Options {
  readonly toss?: TossShoppingAuthOptions;
  readonly naver?: NaverCommerceAuthOptions;
  readonly iamport?: IamportAuthOptions;
}

export interface Report {
  readonly toss: boolean;
  readonly naver: boolean;
  readonly iamport: string;
  readonly issued: number;
  readonly code: string | undefined;
}

export async function app(options: Options = {}): Promise<Report> {
  const events: TokenEvent["type"][] = [];
  const store = encryptedStore(memoryStore(), { keys: [Uint8Array.from({ length: 32 }, (_, index) => index)] });
  const cache = new TokenCache({ store, observer: ({ type }) => void events.push(type) });
  const toss = createTossShoppingAuth({ ...options.toss, cache });
  const naver = createNaverCommerceAuth({ ...options.naver, cache });
  const iamport = createIamportAuth({ ...options.iamport, cache });
  await Promise.all(Array.from({ length: 100 }, () => toss.getToken()));

  const categories = await tossResult<object>(toss.api.get("products/categories/children"));
  const account = await naverResult<object>(naver.api.get("v1/seller/account"));
  const payment = await iamportResult<{ imp_uid: string }>(iamport.api.get("payments/imp_448280090638"));
  const error: unknown = await toss.fetch("https://elsewhere.test/").catch((thrown: unknown) => thrown);
  await cache.close();
  return {
    toss: Object.keys(categories).length > 0,
    naver: Object.keys(account).length > 0,
    iamport: payment.imp_uid,
    issued: events.filter((type) => type === "issued").length,
    code: TokenError.is(error) ? error.code : String(error),
  };
}
