import { leaksIn } from "@x/testing/leaks";
import { type AccessToken, TokenCache, TokenError, type TokenEvent } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { oddText, variantOf } from "../odd-values.ts";
import { providers } from "../providers.ts";
import { must, type Target } from "../target.ts";
import { mustBeUsable } from "../usable-token.ts";
import { settle } from "../virtual-time.ts";

const TOKEN = "token-0123456789abcdef";
const NOW_MS = 1_800_000_000_000;

const headers = fc.dictionary(
  fc.constantFrom("date", "age", "retry-after", "content-type", "location", "gncp-gw-quota-period"),
  fc.constantFrom(
    "0",
    "-1",
    "99999999999",
    "HOURS",
    "x",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
  ),
);

const answers = fc.constantFrom(...providers).chain((provider) =>
  fc.record({
    provider: fc.constant(provider),
    status: fc.oneof(
      { weight: 4, arbitrary: fc.constant(200) },
      fc.constantFrom(201, 204, 302, 400, 401, 403, 429, 500),
    ),
    headers,
    body: fc.oneof(
      {
        weight: 8,
        arbitrary: variantOf(provider.tokenAnswer(TOKEN, NOW_MS)).map((value) => JSON.stringify(value) ?? ""),
      },
      { weight: 1, arbitrary: shortLived(provider.name) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(...provider.failures(provider.secrets.join())).map((v) => JSON.stringify(v)),
      },
      { weight: 1, arbitrary: oddText },
    ),
  }),
);

/** Lifetimes below a second. */
function shortLived(provider: string): fc.Arbitrary<string> {
  const seconds = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  return seconds.map((expires_in) =>
    provider === "iamport"
      ? JSON.stringify({
          code: 0,
          response: { access_token: TOKEN, now: 1_800_000_000, expired_at: 1_800_000_000 + expires_in },
        })
      : JSON.stringify({ access_token: TOKEN, token_type: "Bearer", expires_in }),
  );
}

/** Calls, a millisecond apart. */
const CALLS = 40;
/** A failed flight has three attempts, and a failure is remembered for a while. */
const MOST_REQUESTS = 8;
const SHORTEST_PACE_MS = 400;

export const tokenAnswers: Target = {
  name: "token-answers",
  input:
    "Answers of the three token endpoints: any status, odd headers, right bodies with missing or odd fields, lifetimes below a second, plain text.",
  rule: "Any answer of a token endpoint becomes a usable token or a TokenError, without a secret and without a storm.",
  shortRuns: 150,
  open: () => ({
    property: fc.asyncProperty(answers, async ({ provider, status, headers, body }) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      const events: TokenEvent[] = [];
      await using cache = new TokenCache({ clock, observer: (event) => events.push(event) });
      let requests = 0;
      const fetch = async () => {
        requests++;
        return new Response(status === 204 ? null : body, { status, headers });
      };
      const client = provider.create({ cache, fetch });
      const first = await settle(client.getToken(), clock);
      if ("value" in first) mustBeUsable(first.value as AccessToken, clock.wall());
      else must(TokenError.is(first.error), `getToken fails with ${String(first.error)}, which is no TokenError.`);
      must(leaksIn([first, events], provider.secrets).length === 0, "A secret can be read from an error or event.");

      requests = 0;
      const began = clock.monotonic();
      for (let call = 0; call < CALLS; call++) {
        clock.advance(1);
        await settle(client.getToken(), clock);
      }
      // A caller may wait. What counts is the number of requests in a time.
      const tookMs = clock.monotonic() - began;
      const most = MOST_REQUESTS + tookMs / SHORTEST_PACE_MS;
      must(requests <= most, `${CALLS} calls within ${tookMs} ms made ${requests} token requests.`);
    }),
  }),
};
