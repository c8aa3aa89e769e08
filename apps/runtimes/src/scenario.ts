import { createIamportAuth, iamportResult } from "@x/iamport-auth";
import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";
import { TokenCache, TokenError } from "@x/token-cache-core";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { createAuthenticatedFetch, type TokenAuth } from "@x/token-cache-core/provider";
import { ManualClock, memoryStore } from "@x/token-cache-core/testing";
import { createTossShoppingAuth, tossResult } from "@x/toss-shopping-auth";

/** Where the emulator is and what it accepts. */
export interface ScenarioInput {
  readonly origin: string;
  readonly toss: {
    tokenUrl: string;
    apiBaseUrl: string;
    credentials: Record<"accessKey" | "secretKey" | "solutionCode", string>;
  };
  readonly naver: {
    tokenUrl: string;
    apiBaseUrl: string;
    credentials: Record<"clientId" | "clientSecret" | "accountId", string>;
  };
  readonly iamport: { tokenUrl: string; apiBaseUrl: string; credentials: Record<"impKey" | "impSecret", string> };
}

/** The report, which must be the same in all runtimes. It holds no token. */
export type ScenarioReport = Awaited<ReturnType<typeof scenario>>;

/** A token's life at all three providers, with the APIs that every runtime has. Runs against an emulator. */
export async function scenario(input: ScenarioInput) {
  const clock = new ManualClock({ ticking: true });
  const types = new Set<string>();
  const cache = new TokenCache({ clock, sharedFlights: true, observer: ({ type }) => types.add(type) });
  const { toss, naver, iamport } = input;
  const tossAuth = createTossShoppingAuth({ ...toss.credentials, ...withoutCredentials(toss), cache });
  const naverAuth = createNaverCommerceAuth({
    clientId: naver.credentials.clientId,
    clientSecret: naver.credentials.clientSecret,
    ...withoutCredentials(naver),
    cache,
  });
  const iamportAuth = createIamportAuth({ ...iamport.credentials, ...withoutCredentials(iamport), cache });
  const calls = {
    toss: () => tossResult(tossAuth.api.get("products/categories/children")),
    naver: () => naverResult(naverAuth.api.get("v1/seller/account")),
    iamport: () => iamportResult(iamportAuth.api.get("payments/imp_448280090638")),
  };
  const auths: Record<keyof typeof calls, TokenAuth> = { toss: tossAuth, naver: naverAuth, iamport: iamportAuth };

  const providers: Record<string, unknown> = {};
  for (const name of Object.keys(calls) as (keyof typeof calls)[]) {
    const auth = auths[name];
    const cold = await Promise.all(Array.from({ length: 100 }, () => auth.getToken()));
    const first = await auth.getToken();
    const called = Object.keys((await calls[name]()) as object).length > 0;
    clock.advance(5_000); // A token this old is known to every node of the API.
    const renewed = await auth.getToken({ forceRefresh: true });
    clock.advance(5_000);
    await post(`${input.origin}/_emulator/revoke`, { provider: name });
    const recovered = Object.keys((await calls[name]()) as object).length > 0;
    providers[name] = {
      tokensOfAHundredCallers: new Set(cold.map(({ id }) => id)).size,
      reused: first === cold[0],
      called,
      renewedIsNew: renewed.id !== first.id,
      recovered,
      recoveredIsNew: auth.peek()?.id !== renewed.id,
      printed: `${first} ${JSON.parse(JSON.stringify(first)).value}`,
      shown: looksOf(first).includes(first.value),
    };
  }
  return {
    providers,
    errors: {
      credentials: await failureOf(
        createIamportAuth({ ...withoutCredentials(iamport), impKey: "no", impSecret: "no" }).getToken(),
      ),
      origin: await failureOf(tossAuth.fetch("https://elsewhere.test/")),
      network: await failureOf(
        createTossShoppingAuth({ ...toss.credentials, tokenUrl: "http://127.0.0.1:1/", cache }).getToken(),
      ),
      aborted: await tossAuth.fetch(toss.apiBaseUrl, { signal: AbortSignal.abort("gone") }).catch(String),
    },
    fetch: await redirects(input, tossAuth, cache),
    encrypted: await encrypted(input),
    eventTypes: [...types].sort(),
  };
}

function withoutCredentials({ tokenUrl, apiBaseUrl }: { tokenUrl: string; apiBaseUrl: string }) {
  return { tokenUrl, apiBaseUrl };
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  await response.text();
}

async function failureOf(call: Promise<unknown>) {
  const thrown = await call.catch((error: unknown) => error);
  if (!TokenError.is(thrown)) return String(thrown);
  const { name, code, provider, retryable } = thrown;
  return { name, code, provider, retryable };
}

/**
 * A redirect within the origin is followed, and one to another origin is an error. A body of each kind is sent again.
 */
async function redirects({ origin, toss }: ScenarioInput, { source }: TokenAuth, cache: TokenCache) {
  let asked = 0;
  const authFetch = createAuthenticatedFetch({
    cache,
    source,
    allowedOrigins: [origin],
    isRefused: ({ status }) => status === 404 && ++asked % 2 === 1,
  });
  const bodies = ["text", new Uint8Array([1, 2, 3]), new URLSearchParams({ a: "1" }), new Blob(["blob"])];
  const statuses = [];
  for (const body of bodies) {
    (cache.clock as ManualClock).advance(5_000);
    statuses.push((await authFetch(new Request(`${toss.apiBaseUrl}/nothing/at/all`, { method: "POST", body }))).status);
  }
  await post(`${origin}/_emulator/faults`, {
    endpoint: "toss.api",
    kind: "redirect",
    location: toss.apiBaseUrl,
    times: 1,
  });
  const home = (await authFetch(`${toss.apiBaseUrl}/start`)).status;
  const elsewhere = "http://elsewhere.test/";
  await post(`${origin}/_emulator/faults`, { endpoint: "toss.api", kind: "redirect", location: elsewhere, times: 1 });
  const away = await failureOf(authFetch(`${toss.apiBaseUrl}/start`));
  return { statuses, asked, home, away };
}

/** Two caches that share one encrypted store. */
async function encrypted({ toss }: ScenarioInput) {
  const inner = memoryStore();
  const store = encryptedStore(inner, { keys: [btoa("0123456789abcdef0123456789abcdef")] });
  const options = { ...toss.credentials, ...withoutCredentials(toss), scope: "toss-shopping-fep:write" };
  const ids = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const auth = createTossShoppingAuth({ ...options, cache: new TokenCache({ store }) });
    const token = await auth.getToken();
    ids.add(token.id);
    await until(async () => (await inner.get(auth.source.key)) !== undefined);
    if (looksOf(await inner.get(auth.source.key)).includes(token.value)) return "the store can be read";
  }
  return { tokens: ids.size };
}

async function until(happened: () => Promise<boolean>): Promise<void> {
  while (!(await happened())) await new Promise((resolve) => setTimeout(resolve));
}

/** All ways of printing in this runtime. */
function looksOf(value: unknown): string {
  const { Deno, Bun, process } = globalThis as {
    Deno?: { inspect(value: unknown, options: object): string };
    Bun?: { inspect(value: unknown): string };
    process?: { getBuiltinModule?(name: string): { inspect?(value: unknown, options: object): string } | undefined };
  };
  const looks = [String(value), JSON.stringify(value), Deno?.inspect(value, { depth: 10 }), Bun?.inspect(value)];
  looks.push(process?.getBuiltinModule?.("node:util")?.inspect?.(value, { depth: 10, showHidden: true }));
  return looks.join("\n");
}
