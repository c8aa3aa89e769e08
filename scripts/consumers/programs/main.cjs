// What a CommonJS program of plain JavaScript writes.
const { createIamportAuth, iamportResult } = require("@x/iamport-auth");
const { createNaverCommerceAuth, naverResult } = require("@x/naver-commerce-auth");
const { createTossShoppingAuth, TokenCache, TokenError, tossResult } = require("@x/toss-shopping-auth");

const events = [];
const cache = new TokenCache({ observer: ({ type }) => events.push(type) });
const toss = createTossShoppingAuth({ cache });
const naver = createNaverCommerceAuth({ cache });
const iamport = createIamportAuth({ cache });

async function main() {
  const categories = await tossResult(toss.api.get("products/categories/children"));
  const account = await naverResult(naver.api.get("v1/seller/account"));
  const payment = await iamportResult(iamport.api.get("payments/imp_448280090638"));
  const error = await toss.fetch("https://elsewhere.test/").catch((thrown) => thrown);
  await cache.close();
  console.log(
    JSON.stringify({
      toss: Object.keys(categories).length > 0,
      naver: Object.keys(account).length > 0,
      iamport: payment.imp_uid,
      issued: events.filter((type) => type === "issued").length,
      code: TokenError.is(error) ? error.code : String(error),
    }),
  );
}

main();
