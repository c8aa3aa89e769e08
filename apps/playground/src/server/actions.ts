import type { Provider } from "@x/commerce-auth-emulator";
import { type AccessToken, TokenError } from "@x/token-cache-core";
import { duration, number, plural, type Words } from "../chapters/words.ts";
import type { ArmedFault, Card, Outcome } from "./card.ts";
import type { Client } from "./clients.ts";
import type { Playground } from "./playground.ts";

/** The action of a button on a provider's card, or of the clock. */
interface Action {
  /** The action does not exist with real providers. */
  readonly needsEmulator?: true;
  /** Runs the action and returns its outcome, in words. */
  run(playground: Playground, card: Card): Promise<Words>;
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
      const took = since(startedAt);
      return { en: `Token ${token.id}, in ${took.en}.`, ko: `토큰 ${token.id}, ${took.ko} 걸렸습니다.` };
    },
  },
  thousand: {
    async run(playground, card) {
      const { auth } = clientOf(card);
      const requestsBefore = playground.tokenRequests(card.provider);
      const startedAt = performance.now();
      const tokens = await Promise.all(Array.from({ length: CALLERS }, () => auth.getToken()));
      const requests = playground.tokenRequests(card.provider) - requestsBefore;
      const took = since(startedAt);
      return {
        en: `1,000 callers, ${plural(distinct(tokens), "token")}, ${plural(requests, "request")}, in ${took.en}.`,
        ko: `호출 1,000건, 토큰 ${distinct(tokens)}개, 발급 요청 ${number(requests)}건, ${took.ko} 걸렸습니다.`,
      };
    },
  },
  refresh: {
    async run(_playground, card) {
      const { auth } = clientOf(card);
      const before = auth.peek();
      const token = await auth.getToken({ forceRefresh: true });
      if (before === undefined || before.id !== token.id) {
        return { en: `A new token, ${token.id}.`, ko: `새 토큰 ${token.id}입니다.` };
      }
      const moved = Math.round((token.expiresAt - before.expiresAt) / MINUTE);
      const [en, ko] = moved > 0 ? [`; it lives ${moved} min longer`, ` 만료가 ${moved}분 늦춰졌습니다.`] : ["", ""];
      return { en: `The provider sent the same token again${en}.`, ko: `같은 토큰을 다시 받았습니다.${ko}` };
    },
  },
  call: {
    async run(_playground, card) {
      const startedAt = performance.now();
      const answer = await clientOf(card).callApi();
      const took = since(startedAt);
      return { en: `${answer}, in ${took.en}.`, ko: `${answer}, ${took.ko} 걸렸습니다.` };
    },
  },
  revoke: {
    needsEmulator: true,
    async run({ emulator }, card) {
      const revoked = emulator?.revoke(card.provider) ?? 0;
      if (revoked === 0) return { en: "There was no token to revoke.", ko: "폐기할 토큰이 없습니다." };
      return {
        en: "Revoked at the provider. The client does not know yet: call the API.",
        ko: "토큰을 폐기했습니다. 클라이언트는 아직 모릅니다. API를 호출해 보세요.",
      };
    },
  },
  fail: {
    needsEmulator: true,
    async run(playground, card) {
      arm(playground, card, { kind: "status", left: REQUESTS_OF_A_FLIGHT });
      // Only a renewal can fail unnoticed. Without a token, callers must see the error.
      return card.hasToken
        ? {
            en: "The next three token requests get 500. There is a token to hand out meanwhile, so no caller sees an error.",
            ko: "다음 발급 요청 세 건이 500으로 실패합니다. 그동안 내줄 토큰이 있어 오류를 받는 호출은 없습니다.",
          }
        : {
            en: "The next three token requests get 500. There is no token to hand out meanwhile, so callers see the error.",
            ko: "다음 발급 요청 세 건이 500으로 실패합니다. 그동안 내줄 토큰이 없어 호출이 오류를 받습니다.",
          };
    },
  },
  hang: {
    needsEmulator: true,
    async run(playground, card) {
      arm(playground, card, { kind: "hang", left: 1 });
      return {
        en: "The next token request gets no answer. It times out after 2 s and is sent again.",
        ko: "다음 발급 요청은 응답이 없습니다. 2초 뒤 시간이 초과되어 다시 보냅니다.",
      };
    },
  },
  wrong: {
    needsEmulator: true,
    async run(playground, card) {
      const auth = clientOf(card).withWrongSecret?.();
      if (auth === undefined) return { en: "Only against the emulator.", ko: "에뮬레이터에서만 됩니다." };
      // The faults that wait are for the card's own client.
      playground.noteStruckFaults();
      const faults = card.disarm();
      const requestsBefore = playground.tokenRequests(card.provider);
      const calls = await Promise.allSettled(Array.from({ length: CALLERS }, () => auth.getToken()));
      await auth.cache.close();
      for (const fault of faults) arm(playground, card, fault);
      const codes = new Set(calls.map((call) => (call.status === "rejected" ? String(call.reason.code) : "a token")));
      const requests = playground.tokenRequests(card.provider) - requestsBefore;
      return {
        en: `1,000 calls with a mistyped secret: all ${[...codes].join(", ")}, after ${plural(requests, "request")}.`,
        ko: `잘못된 시크릿으로 1,000번 호출: 모두 ${[...codes].join(", ")}, 발급 요청은 ${number(requests)}건입니다.`,
      };
    },
  },
  "pass-1": passing(MINUTE),
  "pass-30": passing(30 * MINUTE),
  "pass-180": passing(180 * MINUTE),
  "skew-behind": skewing(-10 * MINUTE),
  "skew-none": skewing(0),
  "skew-ahead": skewing(10 * MINUTE),
  reset: {
    needsEmulator: true,
    async run(playground) {
      await playground.reset();
      return NOTHING;
    },
  },
} satisfies Record<string, Action>;

const NOTHING: Words = { en: "", ko: "" };

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

async function outcomeOf(running: Promise<Words>): Promise<Outcome> {
  try {
    return { text: await running, tone: "good" };
  } catch (error) {
    const isOurs = TokenError.is(error);
    return {
      tone: "bad",
      text: {
        en: isOurs ? `${error.code}. ${error.message}` : `It failed: ${String(error)}`,
        ko: isOurs ? `호출이 ${error.code} 오류를 받았습니다. ${error.message}` : `실패했습니다: ${String(error)}`,
      },
    };
  }
}

const FAULTS = { status: { kind: "status", status: 500 }, hang: { kind: "hang" } } as const;

function arm({ emulator }: Playground, card: Card, { kind, left }: ArmedFault): void {
  const disarm = emulator?.fault({ endpoint: `${card.provider}.token`, ...FAULTS[kind], times: left });
  if (disarm) card.arm(kind, left, disarm);
}

function passing(ms: number): Action {
  return {
    needsEmulator: true,
    async run(playground) {
      playground.letPass(ms);
      return NOTHING;
    },
  };
}

function skewing(ms: number): Action {
  return {
    needsEmulator: true,
    async run(playground) {
      playground.skew(ms);
      return NOTHING;
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

function since(startedAt: number): Words {
  return duration(performance.now() - startedAt);
}
