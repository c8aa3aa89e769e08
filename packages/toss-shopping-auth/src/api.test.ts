import { failureOf, SECOND } from "@x/testing/emulated-life";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createTossShoppingAuth, TossApiError, tossResult } from "./index.ts";

const CHILDREN = "products/categories/children";
/** ky waits in real time between its attempts. */
const AT_ONCE = { retry: { delay: () => 0 } };

async function called(options: Parameters<typeof emulated>[0] = {}) {
  const world = await emulated(options);
  const toss = world.createAuth();
  await toss.getToken();
  world.life.pass(5 * SECOND); // A token this old is known everywhere.
  return { ...world, toss, tokenRequests: () => world.emulator.requestCount("toss.token") };
}

const errorOf = (call: Promise<unknown>) => call.catch((error: unknown) => error);

describe("toss.api and toss.fetch", () => {
  it("make the documents' first call: the children of a category", async () => {
    await using world = await called();
    const { toss, emulator } = world;
    const top = await tossResult<{ items: { id: number }[] }>(toss.api.get(CHILDREN));
    expect(top.items.map(({ id }) => id)).toContain(14817);
    const below = await tossResult<{ items: unknown[] }>(toss.api.get(CHILDREN, { searchParams: { id: 14817 } }));
    expect(below.items).toEqual([expect.objectContaining({ parentId: 14817 })]);
    const url = `${emulator.toss.apiBaseUrl}/${emulator.toss.credentials.solutionCode}/${CHILDREN}`;
    expect(await tossResult(toss.fetch(url))).toEqual(top);
    const created = await tossResult(toss.api.post("products", { json: { name: "책상" } }));
    expect(created).toMatchObject({ name: "책상" });
    expect(world.tokenRequests()).toBe(1);
  });

  it.each([
    [
      "FAIL inside 200",
      { kind: "provider-error", code: "INVALID_REQUEST" },
      { providerStatus: 200, errorCode: "INVALID_REQUEST" },
    ],
    [
      "TOO_MANY_REQUEST",
      { kind: "provider-error", code: "TOO_MANY_REQUEST" },
      { providerStatus: 200, isRateLimited: true },
    ],
    [
      "429",
      { kind: "status", status: 429, headers: { "Retry-After": "2" } },
      { isRateLimited: true, retryAfterMs: 2_000 },
    ],
    [
      "503 that names its time, an hour",
      { kind: "status", status: 503, headers: { "Retry-After": "3600" } },
      { providerStatus: 503, retryAfterMs: 3_600_000 },
    ],
    ["403", { kind: "html", status: 403 }, { providerStatus: 403, errorCode: undefined }],
    ["an empty 200", { kind: "empty" }, { providerStatus: 200, errorCode: undefined }],
  ] as const)("end with a TossApiError, one request and no renewal: %s", async (_, fault, seen) => {
    await using world = await called();
    world.emulator.fault({ endpoint: "toss.api", ...fault });
    expect(await errorOf(tossResult(world.toss.api.get(CHILDREN)))).toMatchObject({ name: "TossApiError", ...seen });
    expect([world.emulator.requestCount("toss.api"), world.tokenRequests()]).toEqual([1, 1]);
  });

  it("leave the wait for Toss's rate limit to the caller", async () => {
    await using world = await called({ toss: { rateLimit: { readsPerSecond: 1, writesPerSecond: 1 } } });
    await tossResult(world.toss.api.get(CHILDREN));
    const error = await errorOf(tossResult(world.toss.api.get(CHILDREN)));
    expect(error).toMatchObject({ errorCode: "TOO_MANY_REQUEST", isRateLimited: true });
    world.life.pass(SECOND);
    await tossResult(world.toss.api.get(CHILDREN));
    expect(world.emulator.requestCount("toss.api")).toBe(3);
  });

  it("repeat a GET twice after HTTP 503, each time with the current token, and a POST never", async () => {
    await using world = await called();
    const { emulator, toss } = world;
    emulator.fault({ endpoint: "toss.api", kind: "status", status: 503, times: 2 });
    const old = toss.peek()?.id;
    const retry = {
      delay: () => {
        emulator.revoke("toss"); // The token dies between the attempts: a client that keeps its headers would fail.
        return 0;
      },
    };
    await tossResult(toss.api.get(CHILDREN, { retry }));
    const calls = emulator.journal.filter(({ endpoint }) => endpoint === "toss.api");
    expect(calls.map(({ status }) => status)).toEqual([503, 503, 401, 200]);
    expect(calls.map(({ tokenId }) => tokenId === old)).toEqual([true, true, true, false]);

    emulator.fault({ endpoint: "toss.api", kind: "status", status: 503 });
    expect(await errorOf(toss.api.get(CHILDREN, AT_ONCE))).toMatchObject({ name: "TossApiError", providerStatus: 503 });
    expect(emulator.requestCount("toss.api")).toBe(4 + 3);
    await errorOf(toss.api.post("products", { json: {}, ...AT_ONCE }));
    expect(emulator.requestCount("toss.api")).toBe(4 + 3 + 1);
  });

  it("need the solution code for the base URL only", async () => {
    await using world = await emulated();
    const { emulator, cache } = world;
    const { accessKey, secretKey, solutionCode } = emulator.toss.credentials;
    const { tokenUrl, apiBaseUrl } = emulator.toss;
    const toss = createTossShoppingAuth({ accessKey, secretKey, tokenUrl, apiBaseUrl, cache });
    expect(() => toss.api).toThrow(
      expect.objectContaining({
        code: "invalid_options",
        message: expect.stringMatching(/solutionCode.*TOSS_SHOPPING_SOLUTION_CODE/),
      }),
    );
    expect((await toss.fetch(`${apiBaseUrl}/${solutionCode}/${CHILDREN}`)).status).toBe(200);
    const odd = createTossShoppingAuth({ accessKey, secretKey, tokenUrl, apiBaseUrl, cache, solutionCode: "a/../b" });
    await errorOf(odd.api.get(CHILDREN));
    expect(emulator.journal.at(-1)?.path).toBe(`/toss/api/v3/shopping-fep/a%2F..%2Fb/${CHILDREN}`);
  });

  it("reject with a TossApiError for API errors and with a TokenError for token errors", async () => {
    await using world = await called();
    const error = await errorOf(world.toss.api.get("nothing"));
    expect(error).toBeInstanceOf(TossApiError);
    expect(error).toMatchObject({ errorCode: "NOT_FOUND", providerStatus: 404 });
    expect(await failureOf(world.toss.fetch("https://elsewhere.test/"))).toMatchObject({ code: "origin_not_allowed" });
  });
});
