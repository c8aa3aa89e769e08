import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { connectTo, ours } from "../clients/contenders.ts";
import type { Endpoint, TokenClient } from "../clients/token-client.ts";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { behave, newEndpoint, stateOf } from "../processes/token-endpoint.ts";
import { failure } from "../report/figures.ts";
import { renewalOf } from "./expiry.ts";

interface Outcome {
  /** What happened, in a few words. */
  readonly outcome: string;
  /** `undefined`: the scene does not apply to this contender. */
  readonly isRight: boolean | undefined;
}

interface Scene {
  readonly title: string;
  readonly right: string;
  readonly isQuick: boolean;
  /** Runs in the process of one contender. */
  play(client: TokenClient, endpoint: Endpoint): Promise<Outcome>;
}

/** No request should wait for longer. */
const PATIENCE_MS = 17_000;

const scenes: readonly Scene[] = [
  {
    title: "The endpoint does not answer",
    right: "an error, well before half a minute",
    isQuick: false,
    async play(client, endpoint) {
      await behave(endpoint, { kind: "hang" });
      const began = performance.now();
      const ended = await attempt(client);
      if (ended === undefined) return stillWaits;
      const tookMs = performance.now() - began;
      return { outcome: `gives up after ${(tookMs / 1_000).toFixed(0)} s`, isRight: "error" in ended };
    },
  },
  badBody("html", "A page in HTML, with status 200"),
  badBody("error-with-200", "An error body, with status 200"),
  {
    title: "429 with Retry-After: 2, then success",
    right: "asks no sooner than 2 s later, and gets a token then",
    isQuick: false,
    async play(client, endpoint) {
      await behave(endpoint, { kind: "limit-once" });
      const began = performance.now();
      let tokenAfterMs: number | undefined;
      while (tokenAfterMs === undefined && performance.now() - began < 6_000) {
        const ended = await attempt(client, 6_000);
        if (typeof ended?.value === "string") tokenAfterMs = performance.now() - began;
        else await sleep(100);
      }
      const [first = 0, second = Number.POSITIVE_INFINITY] = (await stateOf(endpoint)).tokenRequestTimes;
      const waitedMs = second - first;
      const asked = waitedMs === Number.POSITIVE_INFINITY ? "asks no more" : `asks again after ${seconds(waitedMs)}`;
      const served = tokenAfterMs === undefined ? "no token within 6 s" : `token after ${seconds(tokenAfterMs)}`;
      const isRight = waitedMs >= 1_950 && tokenAfterMs !== undefined && tokenAfterMs < 4_000;
      return { outcome: `${asked}, ${served}`, isRight };
    },
  },
  {
    title: "100 callers at once on a 500",
    right: "at most 3 requests for all callers",
    isQuick: true,
    async play(client, endpoint) {
      await behave(endpoint, { kind: "fail", delayMs: 50 });
      const began = performance.now();
      await Promise.all(Array.from({ length: 100 }, () => attempt(client)));
      const tookMs = performance.now() - began;
      const { tokenRequests } = await stateOf(endpoint);
      const requests = `${tokenRequests} request${tokenRequests === 1 ? "" : "s"}`;
      return { outcome: `${requests}, ${seconds(tookMs)}`, isRight: tokenRequests <= 3 };
    },
  },
  {
    title: "An API call refuses the token",
    right: "one renewal, and the call is sent again",
    isQuick: true,
    async play(client, endpoint) {
      const { callApi } = client;
      if (callApi === undefined) return { outcome: "has no API call", isRight: undefined };
      await client.getToken();
      // An API may not know a very young token yet. That is a case of its own.
      await sleep(1_500);
      await behave(endpoint, { refusesFirstToken: true });
      const first = await within(PATIENCE_MS, callApi().catch(statusOf));
      const second = await within(PATIENCE_MS, callApi().catch(statusOf));
      if (first === 200) return { outcome: "renews, sends again: 200", isRight: true };
      return { outcome: `${first ?? "nothing"}, then ${second ?? "nothing"}`, isRight: false };
    },
  },
  {
    title: "The error, printed in full",
    right: "does not contain the client secret",
    isQuick: true,
    async play(client, endpoint) {
      await behave(endpoint, { kind: "bad-credentials" });
      const ended = await attempt(client);
      if (ended === undefined) return stillWaits;
      if (!("error" in ended)) return { outcome: "no error", isRight: false };
      // To the depth of a logger.
      const isLeaked = inspect(ended.error, { depth: 10 }).includes(endpoint.clientSecret);
      return { outcome: isLeaked ? "contains the secret" : "does not contain it", isRight: !isLeaked };
    },
  },
];

const RENEWAL = "The renewal gets a 500 while the token is still valid";

export const behaviour: Measure = {
  name: "behaviour",
  title: "Against an endpoint that misbehaves",
  explanation:
    "Each contender in a process of its own against the same misbehaving endpoint. The cells show what the run saw. " +
    "✓ is right, ✗ is wrong. Without a mark the case does not apply.",
  isQuick: true,
  async run({ quick, contenders, server, progress }) {
    const played = [{ title: RENEWAL, right: "the callers get the valid token", isQuick: true }, ...scenes].filter(
      ({ isQuick }) => isQuick || !quick,
    );
    const outcomes = new Map<string, ReadonlyMap<string, Outcome>>();
    for (const { title } of played) {
      progress(title);
      // Most of it is waiting, so all contenders play at the same time.
      const each = await Promise.all(
        contenders.map(async ({ name, keepsTokens }) => {
          const outcome =
            title === RENEWAL
              ? playRenewal(name, keepsTokens, server.origin)
              : callInChild(import.meta.url, playScene, { title, contender: name, origin: server.origin });
          return [name, await outcome.catch(notMeasured)] as const;
        }),
      );
      outcomes.set(title, new Map(each));
    }
    return {
      data: Object.fromEntries([...outcomes].map(([title, each]) => [title, Object.fromEntries(each)])),
      tables: played.map(({ title, right }) => ({
        title: `${title}. Right: ${right}.`,
        columns: ["", "what happens", ""],
        rows: [...(outcomes.get(title) ?? [])].map(([name, { outcome, isRight }]) => [name, outcome, mark(isRight)]),
      })),
      targets: played.map(({ title }) => {
        const { outcome, isRight } = outcomes.get(title)?.get(ours.name) ?? notMeasured("missing");
        return { wanted: `right: ${title}`, reached: outcome, isMet: isRight === true, isExact: true };
      }),
    };
  },
};

/** The one scene before the expiry. It needs a process whose clocks move. */
async function playRenewal(contender: string, keepsTokens: boolean, origin: string): Promise<Outcome> {
  if (!keepsTokens) return { outcome: "keeps no token", isRight: undefined };
  const { beforeExpirySeconds, failed, waited } = await renewalOf(contender, origin, "fail");
  if (beforeExpirySeconds === undefined) return { outcome: "does not renew before the expiry", isRight: undefined };
  if (failed > 0) return { outcome: `${failed} of 100 get the error`, isRight: false };
  return { outcome: waited > 0 ? `all get it, ${waited} wait` : "all get it at once", isRight: true };
}

/** Runs in a process of its own. */
export async function playScene(input: { title: string; contender: string; origin: string }): Promise<Outcome> {
  const scene = scenes.find(({ title }) => title === input.title);
  if (scene === undefined) throw new Error(`There is no scene "${input.title}".`);
  const endpoint = newEndpoint(input.origin);
  return scene.play(await connectTo(input.contender, endpoint), endpoint);
}

function badBody(kind: "html" | "error-with-200", title: string): Scene {
  return {
    title,
    right: "an error, never undefined as a token",
    isQuick: true,
    async play(client, endpoint) {
      await behave(endpoint, { kind });
      const ended = await attempt(client);
      if (ended === undefined) return stillWaits;
      if ("error" in ended) return { outcome: "an error", isRight: true };
      return { outcome: `returns ${inspect(ended.value).slice(0, 20)}`, isRight: false };
    },
  };
}

const stillWaits: Outcome = { outcome: `still waits after ${PATIENCE_MS / 1_000} s`, isRight: false };

function notMeasured(error: unknown): Outcome {
  return { outcome: failure(error), isRight: undefined };
}

function mark(isRight: boolean | undefined): string {
  if (isRight === undefined) return "";
  return isRight ? "✓" : "✗";
}

/** One call's token or error; `undefined` if it has neither in time. */
function attempt(
  client: TokenClient,
  limitMs = PATIENCE_MS,
): Promise<{ value?: unknown; error?: unknown } | undefined> {
  const call = async () => client.valueOf(await client.getToken());
  return within(
    limitMs,
    call().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
  );
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  const abort = new AbortController();
  try {
    return await Promise.race([work, sleep(limitMs, undefined, { signal: abort.signal })]);
  } finally {
    abort.abort();
  }
}

/** HTTP clients that throw on a status keep it in different places. */
function statusOf(error: unknown): number | undefined {
  const { status, response } = (error ?? {}) as { status?: unknown; response?: { status?: unknown } };
  const found = status ?? response?.status;
  return typeof found === "number" ? found : undefined;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
