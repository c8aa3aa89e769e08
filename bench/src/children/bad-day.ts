// One contender against an endpoint that misbehaves in one way.

import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { CLIENT_SECRET } from "../canary.ts";
import { asChild } from "../child-process.ts";
import type { TokenClient } from "../contenders/contender.ts";
import { loadContender } from "../contenders/registry.ts";
import { behave, newEndpoint, stateOf } from "../token-endpoint.ts";

export type BadDay =
  | "hang"
  | "html"
  | "error-with-200"
  | "retry-after"
  | "callers-on-500"
  | "refused-token"
  | "printed-error";

export interface BadDayInput {
  readonly contender: string;
  readonly origin: string;
  readonly day: BadDay;
}

/** In a few words, and whether it is right. */
export interface BadDayResult {
  readonly outcome: string;
  readonly isRight: boolean | undefined;
}

/** Nobody's request should be left hanging for longer. */
const PATIENCE_MS = 17_000;

await asChild(async ({ contender, origin, day }: BadDayInput): Promise<BadDayResult> => {
  const endpoint = newEndpoint(origin);
  const client = await (await loadContender(contender)).connect(endpoint);

  switch (day) {
    case "hang": {
      await behave(endpoint, { kind: "hang" });
      const began = performance.now();
      const ended = await within(PATIENCE_MS, attempt(client));
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      if (ended === undefined) return { outcome: `still waits after ${PATIENCE_MS / 1_000} s`, isRight: false };
      return { outcome: `gives up after ${seconds} s`, isRight: "error" in ended };
    }
    case "html":
    case "error-with-200": {
      await behave(endpoint, { kind: day });
      const ended = await within(PATIENCE_MS, attempt(client));
      if (ended === undefined) return { outcome: `still waits after ${PATIENCE_MS / 1_000} s`, isRight: false };
      if ("error" in ended) return { outcome: "an error", isRight: true };
      return { outcome: `hands out ${inspect(ended.value).slice(0, 20)}`, isRight: false };
    }
    case "retry-after": {
      await behave(endpoint, { kind: "limit-once" });
      const began = performance.now();
      let servedAfterMs: number | undefined;
      while (servedAfterMs === undefined && performance.now() - began < 6_000) {
        const ended = await within(6_000, attempt(client));
        if (ended !== undefined && "value" in ended && typeof ended.value === "string") {
          servedAfterMs = performance.now() - began;
        } else {
          await sleep(100);
        }
      }
      const [first = 0, second] = (await stateOf(endpoint)).tokenRequestTimes;
      const asked = second === undefined ? "asks no more" : `asks again after ${seconds(second - first)} s`;
      const served = servedAfterMs === undefined ? "no token within 6 s" : `token after ${seconds(servedAfterMs)} s`;
      const isHeeded = second === undefined || second - first >= 1_950;
      return {
        outcome: `${asked}, ${served}`,
        isRight: isHeeded && (servedAfterMs ?? Number.POSITIVE_INFINITY) < 4_000,
      };
    }
    case "callers-on-500": {
      await behave(endpoint, { kind: "fail", delayMs: 50 });
      const began = performance.now();
      await within(PATIENCE_MS, Promise.all(Array.from({ length: 100 }, () => attempt(client))));
      const tookMs = performance.now() - began;
      const { tokenRequests } = await stateOf(endpoint);
      return {
        outcome: `${tokenRequests} request${tokenRequests === 1 ? "" : "s"}, ${seconds(tookMs)} s`,
        isRight: tokenRequests <= 3,
      };
    }
    case "refused-token": {
      if (client.callApi === undefined) return { outcome: "has no API call", isRight: undefined };
      await client.getToken();
      // A token that is younger may be one that the API does not know yet, which is another case.
      await sleep(1_500);
      await behave(endpoint, { refusesFirstToken: true });
      const first = await within(PATIENCE_MS, client.callApi().catch(statusOf));
      const second = await within(PATIENCE_MS, client.callApi().catch(statusOf));
      if (first === 200) return { outcome: "renews, sends again: 200", isRight: true };
      return { outcome: `${first ?? "nothing"}, then ${second ?? "nothing"}`, isRight: false };
    }
    case "printed-error": {
      await behave(endpoint, { kind: "bad-credentials" });
      const ended = await within(PATIENCE_MS, attempt(client));
      if (ended === undefined) return { outcome: `still waits after ${PATIENCE_MS / 1_000} s`, isRight: false };
      if (!("error" in ended)) return { outcome: "no error", isRight: false };
      // To the depth to which loggers print.
      const isLeaked = inspect(ended.error, { depth: 10 }).includes(CLIENT_SECRET);
      return { outcome: isLeaked ? "holds the secret" : "does not hold it", isRight: !isLeaked };
    }
  }
});

async function attempt(client: TokenClient): Promise<{ value: unknown } | { error: unknown }> {
  try {
    return { value: client.valueOf(await client.getToken()) };
  } catch (error) {
    return { error };
  }
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** HTTP clients that throw on a status tell it in different places. */
function statusOf(error: unknown): number | undefined {
  const { status, response } = (error ?? {}) as { status?: unknown; response?: { status?: unknown } };
  const found = status ?? response?.status;
  return typeof found === "number" ? found : undefined;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
