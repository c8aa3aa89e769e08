import { describe, expect, it } from "vitest";
import { askToss, callToss, postJson, SECOND, seen, startFrozen } from "../clients.test-support.ts";
import type { Emulator } from "../emulator.ts";
import type { TossRateLimit } from "./options.ts";

async function started(rateLimit: "seen" | TossRateLimit) {
  const emulator = await startFrozen({ toss: { rateLimit, sellers: "any" } });
  const token = (await askToss(emulator)).body.access_token;
  return { emulator, token, [Symbol.asyncDispose]: () => emulator.close() };
}

function createProduct({ toss }: Emulator, token: string) {
  return postJson<{ success: { productId: number } }>(
    `${toss.apiBaseUrl}/products`,
    { name: "desk" },
    { Authorization: `Bearer ${token}` },
  );
}

/** A write that changes no product. Its path is unknown, which is answered after the limit. */
function write({ toss }: Emulator, token: string) {
  return postJson(`${toss.apiBaseUrl}/orders`, {}, { Authorization: `Bearer ${token}` });
}

/** How many of the calls of one moment are not answered with TOO_MANY_REQUEST. */
async function allowed(count: number, call: () => Promise<{ text: string }>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, call));
  return answers.filter(({ text }) => !text.includes("TOO_MANY_REQUEST")).length;
}

describe("Toss Shopping's rate limits", () => {
  it("are 50 reads, 30 writes and 10 product changes per second, each counted apart", async () => {
    await using toss = await started("seen");
    const { emulator, token } = toss;
    expect(await allowed(60, () => callToss(emulator, token))).toBe(50);
    expect(await allowed(40, () => write(emulator, token))).toBe(30);
    expect(await allowed(20, () => createProduct(emulator, token))).toBe(10);
    expect(emulator.limitedCount("toss.api")).toBe(30);
    emulator.clock.advance(SECOND);
    expect(await allowed(60, () => callToss(emulator, token))).toBe(50);
  });

  it("are answered with HTTP 200 and TOO_MANY_REQUEST, without a header that says more", async () => {
    await using toss = await started({ readsPerSecond: 0 });
    const limited = await callToss(toss.emulator, toss.token);
    expect(limited).toMatchObject({ status: 200, body: { error: { errorCode: "TOO_MANY_REQUEST" } } });
    expect([...limited.headers.keys()].sort()).toEqual([
      "connection",
      "content-length",
      "content-type",
      "date",
      "keep-alive",
    ]);
    expect(toss.emulator.journal.at(-1)).toMatchObject({ status: 200, limitedBy: "rate" });
  });

  it("are those of each seller", async () => {
    await using toss = await started({ readsPerSecond: 1 });
    const other = (await askToss(toss.emulator, { client_id: "other" })).body.access_token;
    expect(await allowed(2, () => callToss(toss.emulator, toss.token))).toBe(1);
    expect(await allowed(2, () => callToss(toss.emulator, other))).toBe(1);
  });

  it("count product changes as writes too, by the switch", async () => {
    await using toss = await started({ writesPerSecond: 3, productChanges: "as-writes-too" });
    expect(await allowed(2, () => createProduct(toss.emulator, toss.token))).toBe(2);
    expect(await allowed(2, () => write(toss.emulator, toss.token))).toBe(1);
  });

  it("count the last second, by the switch", async () => {
    await using toss = await started({ readsPerSecond: 2, window: "sliding" });
    const { clock } = toss.emulator;
    clock.advance(999);
    expect(await allowed(2, () => callToss(toss.emulator, toss.token))).toBe(2);
    clock.advance(999);
    expect(await allowed(1, () => callToss(toss.emulator, toss.token))).toBe(0);
    clock.advance(1);
    expect(await allowed(1, () => callToss(toss.emulator, toss.token))).toBe(1);
  });

  it.each([
    ["not-processed", 1_000_002],
    ["processed", 1_000_003],
  ] as const)("process a refused request or not, by the switch: %s", async (refusedRequests, nextId) => {
    await using toss = await started({ productChangesPerSecond: 1, refusedRequests });
    await createProduct(toss.emulator, toss.token);
    expect((await createProduct(toss.emulator, toss.token)).text).toContain("TOO_MANY_REQUEST");
    toss.emulator.clock.advance(SECOND);
    expect((await createProduct(toss.emulator, toss.token)).body.success.productId).toBe(nextId);
  });

  it("do not count requests without a valid token", async () => {
    await using toss = await started({ readsPerSecond: 1 });
    const url = `${toss.emulator.toss.apiBaseUrl}/products/categories/children`;
    for (let call = 0; call < 3; call += 1) expect((await seen(fetch(url))).status).toBe(401);
    expect(await allowed(1, () => callToss(toss.emulator, toss.token))).toBe(1);
  });
});
