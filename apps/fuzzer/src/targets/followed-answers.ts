import { TokenCache, TokenError } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { providers } from "../providers.ts";
import { must, type Target } from "../target.ts";
import { settle } from "../virtual-time.ts";

const NOW_MS = 1_800_000_000_000;

const answers = fc.record({
  provider: fc.constantFrom(...providers),
  url: fc.constantFrom(
    "https://evil.example/",
    "http://169.254.169.254/latest",
    "https://api.iamport.kr.evil.example/",
  ),
  status: fc.constantFrom(200, 401, 403, 500),
  body: fc.constantFrom("{}", '{"code":"GW.AUTHN"}', '{"code":0,"response":{}}', "<html>"),
});

export const followedAnswers: Target = {
  name: "followed-answers",
  input: "Answers that a custom `fetch` brings back from a redirect to another host.",
  rule: "An answer that a custom fetch followed to another host is an error, and renews no token.",
  shortRuns: 100,
  open: () => ({
    property: fc.asyncProperty(answers, async ({ provider, url, status, body }) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      await using cache = new TokenCache({ clock });
      let tokenRequests = 0;
      const fetch = async (input: unknown) => {
        if (String(input) !== provider.tokenUrl) return followed(new Response(body, { status }), url);
        tokenRequests++;
        return Response.json(provider.tokenAnswer(`token-${tokenRequests}`, clock.wall()));
      };
      const outcome = await settle(provider.create({ cache, fetch }).fetch(provider.apiUrl), clock);
      const { error } = { error: undefined, ...outcome };
      must(TokenError.is(error) && error.code === "origin_not_allowed", "An answer of another host is handed on.");
      must(tokenRequests === 1, "An answer of another host has renewed the token.");
    }),
  }),
};

function followed(response: Response, url: string): Response {
  return Object.defineProperties(response, { redirected: { value: true }, url: { value: url } });
}
