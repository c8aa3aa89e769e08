import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { failureOf, SECOND } from "../emulated-life.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** ky waits in real time between its attempts. */
const AT_ONCE = { retry: { delay: () => 0 } };

/** API calls with a token: renewal after a refusal, retries after transient errors. */
export function testApiCalls({ emulate, emulated, api, tokenEndpoint, apiEndpoint }: ProviderTests) {
  async function started() {
    const world = await emulate();
    const auth = world.createAuth();
    await auth.getToken();
    world.life.pass(5 * SECOND); // A token this old is known everywhere.
    return { ...world, auth, asked: () => world.emulator.requestCount(tokenEndpoint) };
  }

  describe("API calls", () => {
    it("renew a revoked token once for fifty calls, and none of them fails", async () => {
      await using world = await started();
      world.emulator.revoke(emulated);
      const calls = Array.from({ length: 50 }, () => world.auth.api.get(api.path));
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(50).fill(200));
      expect(world.asked()).toBe(2);
      const accepted = world.emulator.journal.filter(
        ({ endpoint, status }) => endpoint === apiEndpoint && status === 200,
      );
      expect(new Set(accepted.map(({ tokenId }) => tokenId))).toEqual(new Set([world.auth.peek()?.id]));
      expect(accepted).toHaveLength(50);
      expect(world.life.seen("refused")).toHaveLength(1);
    });

    it.each([502, 503, 504])("repeat a GET twice after HTTP %i, and a POST never", async (status) => {
      await using world = await started();
      world.emulator.fault({ endpoint: apiEndpoint, kind: "status", status });
      const failed = { name: api.errorName, providerStatus: status };
      await expect(world.auth.api.get(api.path, AT_ONCE)).rejects.toMatchObject(failed);
      expect(world.emulator.requestCount(apiEndpoint)).toBe(3);
      await expect(world.auth.api.post(api.postPath, { json: {}, ...AT_ONCE })).rejects.toMatchObject(failed);
      expect([world.emulator.requestCount(apiEndpoint), world.asked()]).toEqual([4, 1]);
    });

    it.each([429, 503])("leave the wait for Retry-After to the caller: HTTP %i", async (status) => {
      await using world = await started();
      world.emulator.fault({ endpoint: apiEndpoint, kind: "status", status, headers: { "Retry-After": "3600" } });
      await expect(world.auth.api.get(api.path, AT_ONCE)).rejects.toMatchObject({
        providerStatus: status,
        retryAfterMs: 3_600_000,
      });
      expect([world.emulator.requestCount(apiEndpoint), world.asked()]).toEqual([1, 1]);
    });

    it("do not retry while the token endpoint fails: its error comes at once, unchanged", async () => {
      await using world = await emulate();
      world.emulator.fault({ endpoint: tokenEndpoint, kind: "status", status: 503 });
      const failure = await failureOf(world.createAuth().api.get(api.path, AT_ONCE));
      expect(failure).toMatchObject({ code: "provider_unavailable", providerStatus: 503 });
      expect([world.emulator.requestCount(tokenEndpoint), world.emulator.requestCount(apiEndpoint)]).toEqual([3, 0]);
    });

    it("fail with an error that holds no token and no megabytes, whatever the answer repeats (case 50)", async () => {
      await using world = await started();
      const { value } = await world.auth.getToken();
      const words = `your ${value} is bad. ${"x".repeat(3_000_000)}`;
      const invalidInputs = Array(1_000).fill({ name: value, message: value });
      const reasons: unknown[] = [];
      for (const body of [
        { code: -1, message: words, response: null },
        { code: value, message: words, traceId: value, invalidInputs },
        { resultType: "FAIL", error: { errorCode: value, reason: words } },
      ]) {
        const lift = world.emulator.fault({ endpoint: apiEndpoint, kind: "status", status: 400, body });
        const error = await world.auth.api.get(api.path).catch((thrown: { reason?: unknown }) => thrown);
        lift();
        expect(error).toMatchObject({ name: api.errorName, providerStatus: 400 });
        const shown = inspect(error, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null });
        expect(shown).not.toContain(value);
        expect(shown.length).toBeLessThan(40_000);
        reasons.push((error as { reason?: unknown }).reason);
      }
      expect(reasons).toContainEqual(expect.stringMatching(/^your \[redacted\] is bad/));
    });

    it("go to the API's host only", async () => {
      await using world = await started();
      const call = world.auth.fetch("https://elsewhere.test/");
      expect(await failureOf(call)).toMatchObject({ code: "origin_not_allowed" });
    });
  });

  it.each([200, 400, 403, 404, 405, 429, 500, 503])("HTTP %i does not refuse the token", async (status) => {
    const readJson = () => expect.unreachable("the body was read");
    expect(await api.isRefused({ method: "GET", status, headers: new Headers(), readJson })).toBe(false);
  });
}
