import { createServer } from "node:http";
import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";
import { register } from "prom-client";
import { observe } from "./observer.js";

// With a cache of your own, the observer belongs there: new TokenCache({ observer: observe }).
const naver = createNaverCommerceAuth({ observer: observe });

const routes = {
  "/account": async () => JSON.stringify(await naverResult(naver.api.get("v1/seller/account"))),
  "/metrics": () => register.metrics(),
};

const server = createServer(async (request, response) => {
  const answer = routes[request.url]?.();
  const [status, text] = await Promise.resolve(answer).then(
    (found) => [found === undefined ? 404 : 200, found],
    () => [502, "Naver does not answer."],
  );
  response.writeHead(status).end(text);
});
server.listen(process.env.PORT ?? 3000);
process.once("SIGTERM", () => server.close(() => naver.close()));
