import { createNaverCommerceAuth, NaverApiError, naverResult, TokenError } from "@x/naver-commerce-auth";
import express from "express";

// One client for the whole process: all requests share its token.
// The credentials come from NAVER_COMMERCE_CLIENT_ID and NAVER_COMMERCE_CLIENT_SECRET.
const naver = createNaverCommerceAuth();
const app = express();

app.get("/account", async (_request, response) => {
  response.json(await naverResult(naver.api.get("v1/seller/account")));
});

// For the load balancer. It sends nothing to Naver, so it may be called as often as you like.
app.get("/health", async (_request, response) => {
  const { credentials, usable, expiresAt, lastError } = await naver.check();
  // A server that has not called Naver yet is healthy, too.
  const isHealthy = credentials === "known" && (usable || lastError === undefined);
  response.status(isHealthy ? 200 : 503).json({ credentials, usable, expiresAt, lastError: lastError?.code });
});

// The customer learns that it is not their fault. The log gets the reason: no error holds a token or a secret.
app.use((error, _request, response, next) => {
  if (response.headersSent || !(TokenError.is(error) || error instanceof NaverApiError)) return next(error);
  console.error(error);
  response.status(502).json({ error: "Naver does not answer. Try again later." });
});

const server = app.listen(process.env.PORT ?? 3000);

// Finish the running requests, then end.
process.once("SIGTERM", () => server.close(() => naver.close()));
