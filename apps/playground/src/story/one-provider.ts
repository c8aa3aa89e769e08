import type { Provider } from "@x/commerce-auth-emulator";
import type { AccessToken } from "@x/token-cache-core";
import type { TokenAuth } from "@x/token-cache-core/provider";
import type { Words } from "../chapters/words.ts";
import { apiStatus, distinct, many } from "./scenes.ts";
import { SECOND, type Stage } from "./stage.ts";
import { type Chapter, type Facts, type Step, step, type Value } from "./step.ts";

/** How one provider's chapter differs from the others'. */
export interface ProviderScript {
  readonly provider: Provider;
  readonly title: Words;
  readonly about: Words;
  readonly lifetimeMs: number;
  /** This long before its expiry, a token is certainly stale and still handed out. */
  readonly staleBeforeExpiryMs: number;
  createAuth(stage: Stage): TokenAuth;
  /** The result of a renewal here. */
  readonly renewal: {
    readonly shows: Words;
    readonly expected: Readonly<Record<string, Value>>;
    facts(before: AccessToken, after: AccessToken, stage: Stage): Promise<Facts>;
  };
}

/** A provider's token from its first issue to its refusal. */
export function lifeOfToken(script: ProviderScript): Chapter {
  return {
    title: script.title,
    about: script.about,
    steps: (stage) => {
      const scene = { stage, script, auth: script.createAuth(stage) };
      return [issued(scene), reused(scene), outage(scene), renewed(scene), expired(scene), refused(scene)];
    },
  };
}

interface Scene {
  readonly stage: Stage;
  readonly script: ProviderScript;
  readonly auth: TokenAuth;
}

function issued({ script, auth }: Scene): Step {
  return step({
    name: `${script.provider}: issued`,
    shows: {
      en: "A thousand callers ask at the same moment, and there is no token yet.",
      ko: "토큰이 없을 때 호출 1,000건이 동시에 요청합니다.",
    },
    expected: { "callers with a token": 1_000, "different tokens": 1 },
    tokenRequests: { [script.provider]: 1 },
    async run() {
      const tokens = await many(1_000, () => auth.getToken());
      return { "callers with a token": tokens.length, "different tokens": distinct(tokens) };
    },
  });
}

function reused({ stage, script, auth }: Scene): Step {
  return step({
    name: `${script.provider}: reused`,
    shows: {
      en: "A thousand more calls, spread over the first half of its lifetime.",
      ko: "유효 기간의 앞 절반에 걸쳐 1,000번 더 호출합니다.",
    },
    expected: { "calls answered from memory": 1_000, "different tokens": 1 },
    tokenRequests: {},
    async run() {
      const since = stage.events.length;
      const tokens: AccessToken[] = [];
      for (let round = 0; round < 10; round++) {
        stage.letPass((script.lifetimeMs * 0.48) / 10);
        tokens.push(...(await many(100, () => auth.getToken())));
      }
      return { "calls answered from memory": stage.count("hit", since), "different tokens": distinct(tokens) };
    },
  });
}

function outage({ stage, script, auth }: Scene): Step {
  return step({
    name: `${script.provider}: renewal fails`,
    shows: {
      en: "The token is due for renewal, and the token endpoint answers 500: no caller sees an error.",
      ko: "갱신할 때가 됐는데 토큰 발급이 500으로 실패해도, 오류를 받는 호출은 없습니다.",
    },
    expected: { "calls answered": 200, "calls that saw an error": 0, "renewals that failed": 1 },
    tokenRequests: { [script.provider]: 3 },
    async run() {
      const since = stage.events.length;
      const current = await auth.getToken();
      stage.letPass(current.expiresAt - stage.clock.wall() - script.staleBeforeExpiryMs);
      const endOutage = stage.emulator.fault({ endpoint: `${script.provider}.token`, kind: "status", status: 500 });
      const failed = stage.next("renewal_failed");
      const during = await many(100, () => settled(auth));
      await failed;
      endOutage();
      const after = await many(100, () => settled(auth));
      const errors = [...during, ...after].filter((each) => each !== "token").length;
      return {
        "calls answered": 200 - errors,
        "calls that saw an error": errors,
        "renewals that failed": stage.count("renewal_failed", since),
      };
    },
  });
}

function renewed({ stage, script, auth }: Scene): Step {
  const { renewal, provider } = script;
  return step({
    name: `${provider}: renewed behind`,
    shows: renewal.shows,
    expected: { "callers who waited for it": 0, ...renewal.expected },
    tokenRequests: { [provider]: 1 },
    async run() {
      stage.letPass(2 * SECOND); // the failure is forgotten
      const before = auth.peek() ?? (await auth.getToken());
      const slow = stage.emulator.fault({ endpoint: `${provider}.token`, kind: "delay", ms: 150 });
      const isRenewed = stage.next("issued", "unchanged");
      let waited = 0;
      let done = false;
      isRenewed.then(() => {
        done = true;
      });
      await many(100, async () => {
        await auth.getToken();
        if (done) waited += 1;
      });
      await isRenewed;
      slow();
      const after = await auth.getToken();
      return { "callers who waited for it": waited, ...(await renewal.facts(before, after, stage)) };
    },
  });
}

function expired({ stage, script, auth }: Scene): Step {
  return step({
    name: `${script.provider}: expired while idle`,
    shows: {
      en: "Nobody asked for a long time and the token expired: fifty callers wait for one new token.",
      ko: "오랫동안 호출이 없어 토큰이 만료됐습니다. 호출 50건이 새 토큰 하나를 기다립니다.",
    },
    expected: { "callers with a token": 50, "different tokens": 1, "expired tokens handed out": 0 },
    tokenRequests: { [script.provider]: 1 },
    async run() {
      const old = auth.peek();
      stage.letPass(2 * script.lifetimeMs);
      const tokens = await many(50, () => auth.getToken());
      return {
        "callers with a token": tokens.length,
        "different tokens": distinct(tokens),
        "expired tokens handed out": tokens.filter((token) => token.id === old?.id).length,
      };
    },
  });
}

function refused({ stage, script, auth }: Scene): Step {
  return step({
    name: `${script.provider}: refused and recovered`,
    shows: {
      en: "The provider revokes the token early, and twenty callers report the refusal.",
      ko: "토큰이 일찍 폐기되고, 호출 20건이 거부를 알립니다.",
    },
    expected: { "API answers the revoked token": 401, "different new tokens": 1, "API answers the new token": 200 },
    tokenRequests: { [script.provider]: 1 },
    async run() {
      const token = await auth.getToken();
      stage.letPass(2 * SECOND); // a refusal in a token's first second would be waited out
      stage.emulator.revoke(script.provider);
      const refusal = await apiStatus(stage, script.provider, token);
      const tokens = await many(20, () => auth.getToken({ refusedTokenId: token.id }));
      return {
        "API answers the revoked token": refusal,
        "different new tokens": distinct(tokens.filter(({ id }) => id !== token.id)),
        "API answers the new token": await apiStatus(stage, script.provider, await auth.getToken()),
      };
    },
  });
}

function settled(auth: TokenAuth): Promise<"token" | "error"> {
  return auth.getToken().then(
    () => "token" as const,
    () => "error" as const,
  );
}
