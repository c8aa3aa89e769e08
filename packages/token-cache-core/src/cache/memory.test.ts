import { describe, expect, test } from "vitest";
import type { TokenSource } from "../contract/token-source.ts";
import { createTokenSource } from "../provider/create-token-source.ts";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import { HOUR, STEADY_POLICY, TestTokenSource } from "./token-source.test-support.ts";

const clock = new ManualClock();
const newCache = (maxIdentities?: number) => new TokenCache({ clock, maxIdentities });

/** Its token's value is the client's name and the number of issued tokens. */
function sourceOf(client: string): TokenSource {
  let issues = 0;
  return createTokenSource({
    provider: "test-provider",
    tokenUrl: new URL("https://auth.test/token"),
    policy: STEADY_POLICY,
    identity: () => [client],
    issue: async () => ({
      value: `${client}-${++issues}`,
      lifetimeMs: HOUR,
      sentAt: { wall: clock.wall(), monotonic: clock.monotonic() },
    }),
  });
}

/** The value of the identity's token, read until only the source's memory is needed. */
async function heldValue(cache: TokenCache, source: TokenSource): Promise<string> {
  const values = [await cache.getToken(source), await cache.getToken(source), await cache.getToken(source)];
  expect(new Set(values).size).toBe(1);
  return values[0]?.value ?? "";
}

describe("what a source remembers", () => {
  test("is never another cache's token", async () => {
    const [one, two] = [newCache(), newCache()];
    const source = sourceOf("a");
    for (let turn = 0; turn < 3; turn++) {
      expect([await heldValue(one, source), await heldValue(two, source)]).toEqual(["a-1", "a-2"]);
    }
  });

  test("does not apply to a copy or an heir with another key", async () => {
    const cache = newCache();
    const source = sourceOf("a");
    expect(await heldValue(cache, source)).toBe("a-1");
    const { key } = sourceOf("b");
    expect(await heldValue(cache, { ...source, key })).toBe("a-2");
    const heir: TokenSource = Object.create(source, { key: { value: sourceOf("c").key } });
    expect(await heldValue(cache, heir)).toBe("a-3");
    expect(await heldValue(cache, { ...source })).toBe("a-1");
    expect(await heldValue(cache, source)).toBe("a-1");
  });

  test("works for frozen sources and for foreign ones", async () => {
    const cache = newCache();
    expect(await heldValue(cache, Object.freeze(sourceOf("a")))).toBe("a-1");
    const { provider, origin, key, policy, issue } = sourceOf("b");
    expect(await heldValue(cache, { provider, origin, key, policy, issue })).toBe("b-1");
  });

  test("is not used after it was refused, invalidated, evicted or forgotten", async () => {
    const cache = newCache(1);
    const source = new TestTokenSource();
    expect(await heldValue(cache, source)).toBe("token-1");
    await cache.getToken(source, { refusedTokenId: (await cache.getToken(source)).id });
    expect(await heldValue(cache, source)).toBe("token-2");
    await cache.invalidate(source, (await cache.getToken(source)).id);
    expect(await heldValue(cache, source)).toBe("token-3");
    await cache.getToken(sourceOf("newcomer"));
    expect(await heldValue(cache, source)).toBe("token-4");
    await cache.close();
    await expect(cache.getToken(source)).rejects.toMatchObject({ code: "closed" });
  });

  test("counts as used, so that the identity is not evicted next", async () => {
    const cache = newCache(2);
    const [used, unused] = [sourceOf("used"), sourceOf("unused")];
    for (const source of [used, unused]) await cache.getToken(source);
    for (let turn = 0; turn < 20; turn++) {
      await heldValue(cache, used);
      await cache.getToken(sourceOf(`passer-by-${turn}`));
    }
    expect(await heldValue(cache, used)).toBe("used-1");
  });
});
