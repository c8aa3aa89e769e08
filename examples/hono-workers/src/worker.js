import { createNaverCommerceAuth, NaverApiError, naverResult, TokenError } from "@x/naver-commerce-auth";
import { Hono } from "hono";

// The isolate keeps it between requests. On Workers it lets no request wait for another one: there is nothing to set. A
// token for all isolates needs a store of your own; Naver sends the same token to all that ask.
const naver = createNaverCommerceAuth();
const app = new Hono();

app.get("/account", async (context) => context.json(await naverResult(naver.api.get("v1/seller/account"))));

app.onError((error, context) => {
  if (!TokenError.is(error) && !(error instanceof NaverApiError)) throw error;
  console.error(error);
  return context.json({ error: "Naver does not answer. Try again later." }, 502);
});

export default app;
