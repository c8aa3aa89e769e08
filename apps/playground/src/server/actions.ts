import type { Provider } from "@x/commerce-auth-emulator";
import { type AccessToken, TokenError } from "@x/token-cache-core";
import type { Card, Outcome } from "./card.ts";
import type { Client } from "./clients.ts";
import type { Playground } from "./playground.ts";

/** The action of a button on the page. */
interface Action {
  /** The action does not exist with real providers. */
  readonly needsEmulator?: true;
  /** Runs the action and returns its outcome, in words. */
  run(playground: Playground, card: Card): Promise<string>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const CALLERS = 1_000;
/** A flight sends up to three requests; all of them must fail. */
const REQUESTS_OF_A_FLIGHT = 3;

const ACTIONS = {
  get: {
    async run(_playground, card) {
      const startedAt = performance.now();
      const token = await clientOf(card).auth.getToken();
      return `Token ${token.id}, in ${since(startedAt)}.`;
    },
  },
  thousand: {
    async run(playground, card) {
      const { auth } = clientOf(card);
      const requestsBefore = playground.tokenRequests(card.provider);
      const startedAt = performance.now();
      const tokens = await Promise.all(Array.from({ length: CALLERS }, () => auth.getToken()));
      const requests = playground.tokenRequests(card.provider) - requestsBefore;
      return `1,000 callers, ${plural(distinct(tokens), "token")}, ${plural(requests, "request")}, in ${since(startedAt)}.`;
    },
  },
  refresh: {
    async run(_playground, card) {
      const { auth } = clientOf(card);
      const before = auth.peek();
      const token = await auth.getToken({ forceRefresh: true });
      if (before === undefined || before.id !== token.id) return `A new token, ${token.id}.`;
      const moved = Math.round((token.expiresAt - before.expiresAt) / MINUTE);
      return `The provider sent the same token again${moved > 0 ? `; it lives ${moved} min longer` : ""}.`;
    },
  },
  call: {
    async run(_playground, card) {
      const startedAt = performance.now();
      return `${await clientOf(card).callApi()}, in ${since(startedAt)}.`;
    },
  },
  revoke: {
    needsEmulator: true,
    async run({ emulator }, card) {
      const revoked = emulator?.revoke(card.provider) ?? 0;
      return revoked === 0
        ? "There was no token to revoke."
        : "Revoked at the provider. The client does not know yet: call the API.";
    },
  },
  fail: {
    needsEmulator: true,
    async run({ emulator }, card) {
      const { provider, armed } = card;
      const times = REQUESTS_OF_A_FLIGHT;
      const disarm = emulator?.fault({ endpoint: `${provider}.token`, kind: "status", status: 500, times });
      if (disarm) armed.push({ kind: "status", label: "the next renewal gets 500", left: times, disarm });
      return "The next renewal gets three times 500. Force it now, or let the token come due.";
    },
  },
  hang: {
    needsEmulator: true,
    async run({ emulator }, card) {
      const { provider, armed } = card;
      const disarm = emulator?.fault({ endpoint: `${provider}.token`, kind: "hang", times: 1 });
      if (disarm) armed.push({ kind: "hang", label: "the next token request hangs", left: 1, disarm });
      return "The next token request gets no answer. It is given up after 2 s and sent again.";
    },
  },
  wrong: {
    needsEmulator: true,
    async run(playground, card) {
      const auth = clientOf(card).withWrongSecret?.();
      if (auth === undefined) return "Only against the emulator.";
      const requestsBefore = playground.tokenRequests(card.provider);
      const calls = await Promise.allSettled(Array.from({ length: CALLERS }, () => auth.getToken()));
      await auth.cache.close();
      const codes = new Set(calls.map((call) => (call.status === "rejected" ? String(call.reason.code) : "a token")));
      const requests = playground.tokenRequests(card.provider) - requestsBefore;
      return `1,000 calls with a mistyped secret: all ${[...codes].join(", ")}, after ${plural(requests, "request")}.`;
    },
  },
  "pass-1": passing(MINUTE),
  "pass-30": passing(30 * MINUTE),
  "pass-180": passing(180 * MINUTE),
  "skew-behind": skewing(-10 * MINUTE),
  "skew-none": skewing(0),
  "skew-ahead": skewing(10 * MINUTE),
} satisfies Record<string, Action>;

export type ActionName = keyof typeof ACTIONS;

export function isActionName(name: unknown): name is ActionName {
  return typeof name === "string" && Object.hasOwn(ACTIONS, name);
}

/** Runs an action and shows its outcome on the provider's card. Without a provider the action has no card. */
export async function act(playground: Playground, name: ActionName, provider: Provider | undefined): Promise<void> {
  const action: Action = ACTIONS[name];
  if (action.needsEmulator && playground.emulator === undefined) return;
  if (provider === undefined) {
    await action.run(playground, playground.cards.toss);
  } else {
    const card = playground.cards[provider];
    card.outcome = undefined;
    playground.onChange();
    card.outcome = await outcomeOf(action.run(playground, card));
  }
  playground.onChange();
}

async function outcomeOf(running: Promise<string>): Promise<Outcome> {
  try {
    return { text: await running, tone: "good" };
  } catch (error) {
    const text = TokenError.is(error) ? `${error.code}. ${error.message}` : `It failed: ${String(error)}`;
    return { text, tone: "bad" };
  }
}

function passing(ms: number): Action {
  return {
    needsEmulator: true,
    async run(playground) {
      playground.letPass(ms);
      return "";
    },
  };
}

function skewing(ms: number): Action {
  return {
    needsEmulator: true,
    async run(playground) {
      playground.skew(ms);
      return "";
    },
  };
}

function clientOf(card: Card): Client {
  if (card.client === undefined) throw new Error(`Set ${card.missing.join(", ")} first.`);
  return card.client;
}

function distinct(tokens: readonly AccessToken[]): number {
  return new Set(tokens.map(({ id }) => id)).size;
}

function plural(count: number, noun: string): string {
  return `${count === 0 ? "no" : count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

function since(startedAt: number): string {
  const ms = performance.now() - startedAt;
  return ms < 1 ? "under 1 ms" : `${Math.round(ms)} ms`;
}
