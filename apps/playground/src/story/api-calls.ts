import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Endpoint, PROVIDERS } from "@x/commerce-auth-emulator";
import { iamportResult } from "@x/iamport-auth";
import { naverResult } from "@x/naver-commerce-auth";
import { TokenError } from "@x/token-cache-core";
import { tossResult } from "@x/toss-shopping-auth";
import { firstCall } from "./scenes.ts";
import { MINUTE, type Stage } from "./stage.ts";
import { type Chapter, type Step, step } from "./step.ts";

/** The token on API calls: `auth.fetch` and `auth.api`. */
export const apiCalls: Chapter = {
  title: { en: "API calls", ko: "API 호출" },
  about: {
    en: "auth.fetch is a standard fetch that adds the token, renews a refused one, and sends it to its own API only.",
    ko: "auth.fetch는 표준 fetch에 토큰을 붙이고, 거부되면 갱신하며, 해당 API로만 토큰을 보냅니다.",
  },
  steps: (stage) => {
    const auths = {
      toss: stage.toss(),
      naver: stage.naver(),
      iamport: stage.iamport(),
      seller: stage.naver({ type: "SELLER", accountId: stage.emulator.naver.credentials.accountId }),
    };
    const scene = { stage, auths };
    return [firstCalls(scene), revoked(scene), foreignUrl(scene)];
  },
};

interface Scene {
  readonly stage: Stage;
  readonly auths: {
    readonly toss: ReturnType<Stage["toss"]>;
    readonly naver: ReturnType<Stage["naver"]>;
    readonly iamport: ReturnType<Stage["iamport"]>;
    readonly seller: ReturnType<Stage["naver"]>;
  };
}

function firstCalls({ stage, auths: { toss, naver, iamport, seller } }: Scene): Step {
  const { clientId, accountId } = stage.emulator.naver.credentials;
  return step({
    name: "api: the documents' first calls",
    shows: {
      en: "Toss's categories, a payment by imp_uid, and Naver's account, as the application itself and for a seller.",
      ko: "토스쇼핑 카테고리, imp_uid로 찾은 결제, 네이버 계정(자체 애플리케이션과 판매자)을 조회합니다.",
    },
    expected: {
      "Toss: categories at the top": 3,
      "iamport: the payment is": "paid",
      "Naver, SELF: the account is": "its own",
      "Naver, SELLER: the account is": "the seller's",
    },
    tokenRequests: { toss: 1, naver: 2, iamport: 1 },
    async run() {
      type Account = { accountId: string };
      const categories = await tossResult<{ items: unknown[] }>(toss.api.get("products/categories/children"));
      const payment = await iamportResult<{ status: string }>(iamport.api.get("payments/imp_448280090638"));
      const own = await naverResult<Account>(naver.api.get("v1/seller/account"));
      const sellers = await naverResult<Account>(seller.api.get("v1/seller/account"));
      const whose = (account: Account) =>
        ({ [`own-shop-of-${clientId}`]: "its own", [accountId]: "the seller's" })[account.accountId] ?? "another's";
      return {
        "Toss: categories at the top": categories.items.length,
        "iamport: the payment is": payment.status,
        "Naver, SELF: the account is": whose(own),
        "Naver, SELLER: the account is": whose(sellers),
      };
    },
  });
}

function revoked({ stage, auths }: Scene): Step {
  return step({
    name: "api: a revoked token",
    shows: {
      en: "All three providers revoke their tokens early. The next call at each is refused once and sent again.",
      ko: "세 곳 모두 토큰을 일찍 폐기합니다. 다음 호출은 한 번 거부된 뒤 다시 전송됩니다.",
    },
    expected: { "calls that the APIs refused": 3, "calls answered with 200": 3 },
    tokenRequests: { toss: 1, naver: 1, iamport: 1 },
    async run() {
      stage.letPass(MINUTE);
      const seen = refusalsFrom(stage);
      let answered = 0;
      for (const provider of PROVIDERS) {
        stage.emulator.revoke(provider);
        const response = await auths[provider].fetch(firstCall(stage, provider));
        if (response.status === 200) answered += 1;
      }
      return { "calls that the APIs refused": seen(), "calls answered with 200": answered };
    },
  });
}

function foreignUrl({ stage, auths }: Scene): Step {
  return step({
    name: "api: a foreign URL",
    shows: {
      en: "Each client is sent to another server, by a URL and by a redirect of its API. That server records what arrives.",
      ko: "URL과 API의 리디렉션으로 각 클라이언트를 다른 서버에 보내고, 그 서버는 도착한 것을 기록합니다.",
    },
    expected: {
      "the calls end with": "origin_not_allowed",
      "requests that arrived there": 0,
      "a plain fetch: tokens arrived": 1,
    },
    tokenRequests: {},
    async run() {
      await using foreign = await recordingServer();
      const codes = new Set<string>();
      for (const provider of PROVIDERS) {
        codes.add(await errorCode(stage, auths[provider].fetch(`${foreign.origin}/collect`)));
        const endpoint: Endpoint = `${provider}.api`;
        stage.emulator.fault({ endpoint, kind: "redirect", location: `${foreign.origin}/redirected`, times: 1 });
        codes.add(await errorCode(stage, auths[provider].fetch(firstCall(stage, provider))));
      }
      const arrived = foreign.authorizations.length;
      const { value } = await auths.toss.getToken();
      await fetch(`${foreign.origin}/collect`, { headers: { authorization: `Bearer ${value}` } });
      return {
        "the calls end with": [...codes].join(", "),
        "requests that arrived there": arrived,
        "a plain fetch: tokens arrived": foreign.authorizations.filter((each) => each?.includes(value)).length,
      };
    },
  });
}

/** Counts the calls that any API refuses from now on. */
function refusalsFrom({ emulator }: Stage): () => number {
  const since = emulator.journal.length;
  return () =>
    emulator.journal.slice(since).filter(({ endpoint, status }) => endpoint.endsWith(".api") && status === 401).length;
}

async function errorCode(stage: Stage, call: Promise<Response>): Promise<string> {
  try {
    return `HTTP ${(await call).status}`;
  } catch (error) {
    stage.errors.push(error);
    return TokenError.is(error) ? error.code : String(error);
  }
}

/** Another server of this machine, that answers everything and remembers the `Authorization` headers. */
async function recordingServer() {
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    authorizations,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
