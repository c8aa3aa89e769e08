import { setTimeout as sleep } from "node:timers/promises";
import { TokenCache } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { providers } from "../providers.ts";
import { must, type Target } from "../target.ts";

const NOW_MS = 1_800_000_000_000;

const answers = fc.record({
  provider: fc.constantFrom(...providers),
  /** How much comes before it drips. */
  start: fc.constantFrom("", "{", '{"code":"GW.AUTHN"', '{"resultType":"FAIL","error":'),
  /** The time between two bytes. `undefined`: no more bytes come. */
  dripMs: fc.constantFrom(undefined, 1, 20),
});

/** In real time, if virtual time moves nothing. */
const LIMIT_MS = 8_000;

export const drippingBodies: Target = {
  name: "dripping-bodies",
  input: "Refusals whose body starts and then never ends: silent, or a byte every few milliseconds.",
  rule: "A refusal whose body never ends is judged within a limit of time.",
  shortRuns: 4,
  open: () => ({
    property: fc.asyncProperty(answers, async ({ provider, start, dripMs }) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      await using cache = new TokenCache({ clock });
      const ended = new AbortController();
      let calls = 0;
      const fetch = async (input: unknown) => {
        if (String(input) === provider.tokenUrl) return Response.json(provider.tokenAnswer("token-1", clock.wall()));
        // The answer after a renewal is an ordinary one.
        return ++calls > 1 ? Response.json({}) : new Response(dripping(start, dripMs, ended.signal), { status: 401 });
      };
      const answer = provider
        .create({ cache, fetch })
        .fetch(provider.apiUrl)
        .catch(() => {});
      let isOver = false;
      answer.then(() => (isOver = true));
      const until = performance.now() + LIMIT_MS;
      while (!isOver && performance.now() < until) {
        clock.advance(1_000);
        await sleep(5);
      }
      ended.abort();
      must(isOver, `auth.fetch is still reading a refusal after ${LIMIT_MS} ms.`);
    }),
  }),
};

function dripping(start: string, dripMs: number | undefined, ended: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(start)),
    async pull(controller) {
      if (dripMs === undefined) await new Promise((resolve) => ended.addEventListener("abort", resolve));
      else await sleep(dripMs);
      if (ended.aborted) controller.error(new Error("The case is over."));
      else controller.enqueue(new TextEncoder().encode(" "));
    },
  });
}
