// What workerd runs: the scenario, and a cache in a module's variable, which outlives a request.

import { TokenCache, type TokenCacheOptions, type TokenEvent } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { type ScenarioInput, scenario } from "./scenario.ts";

/** What the test asks of the Worker, in a request's body. */
export type WorkerRequest =
  | { readonly do: "scenario"; readonly input: ScenarioInput }
  | { readonly do: "set-up"; readonly input: ScenarioInput; readonly cache: TokenCacheOptions }
  | { readonly do: "token"; readonly giveUpMs?: number }
  | { readonly do: "call"; readonly url: string }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "events" };

let clock = new ManualClock({ ticking: true });
let auth: ReturnType<typeof createTossShoppingAuth> | undefined;
let events: TokenEvent["type"][] = [];

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return Response.json(await answer((await request.json()) as WorkerRequest));
    } catch (error) {
      return Response.json(error instanceof Error ? { ...error, text: String(error) } : { text: String(error) }, {
        status: 500,
      });
    }
  },
};

async function answer(asked: WorkerRequest): Promise<unknown> {
  if (asked.do === "scenario") return await scenario(asked.input);
  if (asked.do === "events") return events;
  if (asked.do === "set-up") {
    const { tokenUrl, apiBaseUrl, credentials } = asked.input.toss;
    clock = new ManualClock({ ticking: true });
    events = [];
    const observer = ({ type }: TokenEvent) => events.push(type);
    const cache = new TokenCache({ clock, observer, ...asked.cache });
    auth = createTossShoppingAuth({ ...credentials, tokenUrl, apiBaseUrl, cache });
    return {};
  }
  if (asked.do === "advance") {
    clock.advance(asked.ms);
    return {};
  }
  if (auth === undefined) throw new Error("set up first");
  if (asked.do === "call") return { status: (await auth.fetch(asked.url)).status };
  const { giveUpMs } = asked;
  return { tokenId: (await auth.getToken(giveUpMs === undefined ? {} : { signal: AbortSignal.timeout(giveUpMs) })).id };
}
