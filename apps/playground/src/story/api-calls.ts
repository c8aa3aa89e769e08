import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Endpoint } from "@x/commerce-auth-emulator";
import { iamportResult } from "@x/iamport-auth";
import { naverResult } from "@x/naver-commerce-auth";
import { TokenError } from "@x/token-cache-core";
import { tossResult } from "@x/toss-shopping-auth";
import { firstCall, many } from "./scenes.ts";
import { MINUTE, type Stage } from "./stage.ts";
import { type Chapter, type Step, step } from "./step.ts";

/** The token on API calls: `auth.fetch` and `auth.api`. */
export const apiCalls: Chapter = {
  title: "API calls · API 호출",
  about:
    "auth.fetch is a standard fetch that puts the token on, renews a refused one, and sends it to its own API only. " +
    "auth.api is a ky client over it.",
  steps: (stage) => {
    const auths = {
      toss: stage.toss(),
      naver: stage.naver(),
      iamport: stage.iamport(),
      seller: stage.naver({ type: "SELLER", accountId: stage.emulator.naver.credentials.accountId }),
    };
    const scene = { stage, auths };
    return [firstCalls(scene), revoked(scene), fiftyInFlight(scene), foreignUrl(scene), sameToken(scene)];
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
    shows: "Toss's categories, a payment by imp_uid, and Naver's account, as the application itself and for a seller.",
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
    shows: "All three providers revoke their tokens early. The next call at each is refused once, and nobody notices.",
    expected: { "calls that the APIs refused": 3, "calls answered with 200": 3 },
    tokenRequests: { toss: 1, naver: 1, iamport: 1 },
    async run() {
      stage.letPass(MINUTE);
      const seen = refusalsFrom(stage);
      let answered = 0;
      for (const provider of ["toss", "naver", "iamport"] as const) {
        stage.emulator.revoke(provider);
        const response = await auths[provider].fetch(firstCall(stage, provider));
        if (response.status === 200) answered += 1;
      }
      return { "calls that the APIs refused": seen(), "calls answered with 200": answered };
    },
  });
}

function fiftyInFlight({ stage, auths: { naver } }: Scene): Step {
  return step({
    name: "api: fifty in flight",
    shows: "Fifty calls are under way when the token is revoked. Half of the refusals come late, after the renewal.",
    expected: { "calls that the API refused": 50, "calls answered with 200": 50, "new tokens": 1 },
    tokenRequests: { naver: 1 },
    async run() {
      stage.letPass(MINUTE);
      stage.emulator.revoke("naver");
      stage.emulator.fault({ endpoint: "naver.api", kind: "delay", ms: 200, times: 25 });
      const [seen, since] = [refusalsFrom(stage), stage.events.length];
      const responses = await many(50, () => naver.fetch(firstCall(stage, "naver")));
      return {
        "calls that the API refused": seen(),
        "calls answered with 200": responses.filter(({ status }) => status === 200).length,
        "new tokens": stage.count("issued", since),
      };
    },
  });
}

function sameToken({ stage, auths: { naver } }: Scene): Step {
  return step({
    name: "api: the same token comes back",
    shows:
      "The API refuses the token, and Naver has no other one, as where a permission is missing. No loop: the call says so.",
    expected: { "the call ends with": "token_refused", "twenty more end with": "token_refused" },
    tokenRequests: { naver: 1 },
    async run() {
      stage.letPass(MINUTE);
      stage.emulator.revoke("naver", undefined, { reissue: "same-token" });
      const call = () => errorCode(stage, naver.fetch(firstCall(stage, "naver")));
      const first = await call();
      const more = new Set(await many(20, call));
      return { "the call ends with": first, "twenty more end with": [...more].join(", ") };
    },
  });
}

function foreignUrl({ stage, auths }: Scene): Step {
  return step({
    name: "api: a foreign URL",
    shows:
      "Each client is sent to another server, by its URL and by a redirect of its own API. That server writes down what arrives.",
    expected: {
      "the calls end with": "origin_not_allowed",
      "requests that arrived there": 0,
      "a plain fetch: tokens arrived": 1,
    },
    tokenRequests: {},
    async run() {
      await using foreign = await recordingServer();
      const codes = new Set<string>();
      for (const provider of ["toss", "naver", "iamport"] as const) {
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
