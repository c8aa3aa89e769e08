import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import ky from "ky";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RateLimitRules } from "../contract/rate-limits.ts";
import { readCredentials } from "../credentials/read-credentials.ts";
import { checkUrl } from "../options/checks.ts";
import { createProviderAuth, type ProviderInit } from "./provider-auth.ts";
import { checkAuthOptions, type TokenAuthOptions } from "./token-auth.ts";

let seen: string[];
let server: ReturnType<typeof createServer>;
let origin: string;

/** Issues the tokens `token-1`, `token-2` …, and takes calls with the newest only. */
beforeEach(async () => {
  seen = [];
  let issued = 0;
  server = createServer(({ method, url, headers }, response) => {
    seen.push([method, url, headers.authorization, headers["x-tier"]].filter(Boolean).join(" "));
    if (url === "/token") response.end(JSON.stringify({ token: `token-${++issued}` }));
    else response.writeHead(headers.authorization === "Bearer token-2" ? 200 : 401).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface Keys {
  readonly id: string;
}

function provider(given: TokenAuthOptions = {}, changes: Partial<ProviderInit<Keys>> = {}) {
  const options = checkAuthOptions("p", { ...given, id: "canary-id" });
  return createProviderAuth<Keys>({
    provider: "p",
    options: {
      ...options,
      tokenUrl: checkUrl("p", "tokenUrl", `${origin}/token`),
      apiBaseUrl: checkUrl("p", "apiBaseUrl", `${origin}/v1`),
      credentials: readCredentials<"id">("p", options, { id: { variable: "P_ID" } }),
    },
    policy: { softWindow: { share: 0.2 }, hardWindow: { ms: 0 } },
    identity: ({ id }) => [id],
    async issue(_, { id }, exchange) {
      const { body, sentAt } = await exchange({ body: id });
      return { value: (body as { token: string }).token, lifetimeMs: 60_000, sentAt };
    },
    isRefused: ({ status }) => status === 401,
    ...changes,
  });
}

test("the fetch and an HTTP client on top of it add the token, and replace a refused one", async () => {
  const { auth, api } = provider({}, { headers: { "x-tier": "A" } });
  expect(await ky.create(api).get("orders").json()).toEqual({});
  expect((await auth.fetch(`${origin}/v1/goods`)).status).toBe(200);
  expect(seen).toEqual([
    "POST /token",
    "GET /v1/orders Bearer token-1 A",
    "POST /token",
    "GET /v1/orders Bearer token-2 A",
    "GET /v1/goods Bearer token-2 A",
  ]);
  await auth.close();
});

test("the token goes to the origin of the API only", async () => {
  const { auth } = provider();
  await expect(auth.fetch("https://elsewhere.test")).rejects.toMatchObject({ code: "origin_not_allowed" });
  expect(seen).toEqual([]);
});

test("calls and token requests wait for their turns, unless the option rateLimit is false", async () => {
  const laneOf = vi.fn<RateLimitRules["laneOf"]>(() => ({ name: "calls", limit: undefined }));
  const refusal = vi.fn<RateLimitRules["refusal"]>(() => undefined);
  const rules = { laneOf, tokenRequests: { name: "tokens", limit: undefined }, read: () => undefined, refusal };
  const application = vi.fn(({ id }: Keys) => id);
  const limits = { rateLimit: { rules, application } };

  const free = provider({ rateLimit: false }, limits);
  await free.auth.fetch(`${origin}/v1`);
  expect(application).not.toHaveBeenCalled();
  expect(free.api.timeout).toBe(10_000);

  const paced = provider({ rateLimit: { maxWaitMs: 5_000 } }, limits);
  await paced.auth.fetch(`${origin}/v1`);
  expect(laneOf).toHaveBeenCalledWith(expect.objectContaining({ method: "GET" }));
  expect(application).toHaveBeenCalledWith({ id: "canary-id" });
  expect(paced.auth.source.rateLimit?.rules.tokenRequests?.name).toBe("tokens");
  expect(paced.auth.source.rateLimit?.group).not.toContain("canary");
  expect(paced.api.timeout).toBe(15_000);
});

test("a provider without rate limits sends at once", async () => {
  const { auth, api } = provider();
  expect(auth.source.rateLimit).toBeUndefined();
  expect(api.timeout).toBe(10_000);
});

test("a client on the emulator takes URLs of the real API", async () => {
  vi.stubEnv("COMMERCE_AUTH_EMULATOR", origin);
  const { auth } = provider({}, { emulator: { realApiBaseUrls: ["https://api.p.test"] } });
  await auth.fetch("https://api.p.test/goods");
  expect(seen.at(-1)).toBe("GET /v1/goods Bearer token-2");
});
