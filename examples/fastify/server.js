import { createNaverCommerceAuth, NaverApiError, naverResult, TokenError } from "@x/naver-commerce-auth";
import Fastify from "fastify";

const app = Fastify({ logger: true });

// The credentials come from NAVER_COMMERCE_CLIENT_ID and NAVER_COMMERCE_CLIENT_SECRET.
const naver = createNaverCommerceAuth();
app.decorate("naver", naver);
app.addHook("onClose", () => naver.close());

app.get("/account", () => naverResult(app.naver.api.get("v1/seller/account")));

// Fastify shows the message of any error to its client. Ours are for the log: they hold no token and no secret.
app.setErrorHandler((error, request, reply) => {
  if (!TokenError.is(error) && !(error instanceof NaverApiError)) throw error;
  request.log.error(error);
  reply.status(502).send({ error: "Naver does not answer. Try again later." });
});

// In a container, add host: "0.0.0.0".
await app.listen({ port: Number(process.env.PORT ?? 3000) });
process.once("SIGTERM", () => app.close());
