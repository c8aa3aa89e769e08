import { inspect } from "node:util";
import { leaksIn } from "@x/testing/leaks";
import { TokenCache } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { oddText, variantOf } from "../odd-values.ts";
import { providers } from "../providers.ts";
import { must, type Target } from "../target.ts";
import { settle } from "../virtual-time.ts";

const TOKEN = "token-0123456789abcdef";
const NOW_MS = 1_800_000_000_000;

/** The provider's text: odd, or with the token in it. */
const words = fc.oneof(
  oddText,
  fc.tuple(oddText, oddText).map(([before, after]) => `${before}${TOKEN}${after}`),
  fc.constant(`Bearer ${TOKEN}`),
);

const answers = fc.constantFrom(...providers).chain((provider) =>
  fc.record({
    provider: fc.constant(provider),
    status: fc.constantFrom(200, 201, 400, 401, 403, 404, 409, 422, 429, 500),
    traceId: fc.constantFrom(undefined, TOKEN, "trace-1"),
    body: words.chain((text) =>
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...provider.failures(text)).chain((failure) => variantOf(failure)) },
        { weight: 1, arbitrary: fc.constant(text) },
      ),
    ),
  }),
);

/** What a log line may hold. */
const LONGEST_PRINT = 10_000;

export const apiAnswers: Target = {
  name: "api-answers",
  input:
    "Error answers of the three APIs that repeat the token in any field or header, and texts of 100,000 characters.",
  rule: "An error of an API call holds no token and no secret, and is not longer than a page.",
  shortRuns: 200,
  open: () => ({
    property: fc.asyncProperty(answers, async ({ provider, status, traceId, body }) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      await using cache = new TokenCache({ clock });
      const headers = {
        "content-type": "application/json",
        ...(traceId !== undefined && { "gncp-gw-trace-id": traceId }),
      };
      const fetch = async (input: unknown) =>
        String(input) === provider.tokenUrl
          ? Response.json(provider.tokenAnswer(TOKEN, clock.wall()))
          : new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
      const client = provider.create({ cache, fetch });
      // ky waits in real time before it repeats a 500, so only fetch gets a 500.
      const outcome = await settle(status === 500 ? client.fetch(provider.apiUrl) : client.call(), clock);
      if ("value" in outcome) return;
      must(leaksIn(outcome.error, [TOKEN, ...provider.secrets]).length === 0, "The token can be read from an error.");
      const printed = inspect(outcome.error, { depth: 10 });
      must(printed.length <= LONGEST_PRINT, `An error prints ${printed.length} characters.`);
    }),
  }),
};
