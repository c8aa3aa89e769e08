// The cache and the check of errors are of another copy of core than the providers'.

import { createIamportAuth } from "@x/iamport-auth";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { createTossShoppingAuth, TokenCache, TokenError } from "@x/toss-shopping-auth";
import { TokenCache as NextCache, TokenError as NextError } from "next-core";

const cache = new NextCache();
const auths = [createTossShoppingAuth({ cache }), createNaverCommerceAuth({ cache }), createIamportAuth({ cache })];
const tokens = await Promise.all(auths.map((auth) => auth.getToken()));
const errors = await Promise.all(auths.map((auth) => auth.fetch("https://elsewhere.test/").catch((error) => error)));
await cache.close();
console.log(
  JSON.stringify({
    otherCopy: !(cache instanceof TokenCache),
    tokens: new Set(tokens.map(({ value }) => value)).size,
    codes: errors.map((error) => (TokenError.is(error) && NextError.is(error) ? error.code : String(error))),
  }),
);
