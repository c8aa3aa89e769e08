import { describe, expect, test } from "vitest";
import { tokenId } from "../contract/access-token.ts";
import type { TokenStore } from "../contract/token-store.ts";
import { ManualClock, memoryStore } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import {
  failing,
  failureOf,
  HOUR,
  heldAnswer,
  MINUTE,
  NEVER,
  pass,
  SECOND,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

/** A cache whose token is dropped during a forced refresh. The answer on its way brings this token again. */
async function droppedOnItsWay(options: { maxAttempts?: number } = {}) {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock, ...options });
  const source = new TestTokenSource({ answer: () => ({ value: "same-token" }) });
  const { id } = await cache.getToken(source);
  const held = heldAnswer();
  source.answer = held.answer;
  const forced = cache.getToken(source, { forceRefresh: true });
  clock.advance(SECOND);
  await cache.invalidate(source, id);
  return { clock, cache, source, id, held, forced };
}

describe("an answer with a token that was dropped meanwhile", () => {
  test("is not kept, though the flight has no attempt left", async () => {
    const { cache, source, held, forced } = await droppedOnItsWay({ maxAttempts: 1 });
    held.release({ value: "same-token" });
    expect((await failureOf(forced)).code).toBe("token_refused");
    expect(cache.peek(source)).toBeUndefined();
  });

  test("counts towards the flight's time limit", async () => {
    const { clock, source, held, forced } = await droppedOnItsWay();
    const failure = failureOf(forced);
    source.answer = NEVER;
    await pass(clock, 11 * SECOND);
    held.release({ value: "same-token" });
    await pass(clock, 4 * SECOND);
    expect((await failure).code).toBe("timeout");
  });
});

describe("case 33: the end of a token is known from an answer that was outdated", () => {
  const sameToken = () => ({ value: "same-token", lifetimeMs: HOUR });

  test("because the token was dropped meanwhile", async () => {
    const clock = new ManualClock();
    const held = heldAnswer();
    const source = new TestTokenSource({ answer: held.answer });
    const cache = new TokenCache({ clock });
    const call = cache.getToken(source);
    const expiresAt = clock.wall() + HOUR;
    // It sleeps.
    clock.stepWall(20 * MINUTE);
    clock.advance(10);
    await cache.invalidate(source, tokenId("same-token"));
    source.answer = sameToken;
    held.release(sameToken());
    await pass(clock, SECOND);
    expect((await call).expiresAt).toBe(expiresAt);
  });

  test("because the wall clock was set forward, though the flight failed", async () => {
    const clock = new ManualClock();
    const held = heldAnswer();
    const source = new TestTokenSource({ answer: held.answer });
    const cache = new TokenCache({ clock });
    const call = failureOf(cache.getToken(source));
    clock.stepWall(2 * HOUR);
    const expiresAt = clock.wall() + HOUR;
    source.answer = failing("network");
    held.release(sameToken());
    await pass(clock, 20 * SECOND);
    expect((await call).code).toBe("network");
    clock.advance(20 * MINUTE);
    source.answer = sameToken;
    expect((await cache.getToken(source)).expiresAt).toBe(expiresAt);
  });
});

test("many callers that report one refused token cost one request, though the provider sends this token again", async () => {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock });
  const source = new TestTokenSource({ answer: () => ({ value: "same-token" }) });
  const { id } = await cache.getToken(source);
  const held = heldAnswer();
  source.answer = held.answer;
  const failures: Promise<{ code: string }>[] = [];
  for (let call = 0; call < 10; call++) {
    failures.push(failureOf(cache.getToken(source, { refusedTokenId: id })));
    clock.advance(10);
  }
  held.release({ value: "same-token" });
  await settle();
  expect((await Promise.all(failures)).map(({ code }) => code)).toEqual(Array(10).fill("token_refused"));
  expect(source.issues).toBe(2);
});

describe("a token that has expired when the provider's slow answer arrives", () => {
  test("is not handed out, and is requested again", async () => {
    const clock = new ManualClock();
    const held = heldAnswer();
    const source = new TestTokenSource({ answer: held.answer });
    const call = new TokenCache({ clock }).getToken(source);
    await pass(clock, 2 * SECOND);
    source.answer = () => ({ value: "another-token" });
    held.release({ value: "first-token", lifetimeMs: SECOND });
    await pass(clock, SECOND);
    expect((await call).value).toBe("another-token");
  });
});

describe("a machine that sleeps past the token's end", () => {
  test("while a token of a few seconds is on its way requests it again", async () => {
    const clock = new ManualClock();
    const held = heldAnswer();
    const source = new TestTokenSource({ answer: held.answer });
    const call = new TokenCache({ clock }).getToken(source);
    clock.stepWall(6 * SECOND);
    source.answer = () => ({ value: "another-token" });
    held.release({ value: "first-token", lifetimeMs: 5 * SECOND });
    await pass(clock, SECOND);
    expect((await call).value).toBe("another-token");
  });

  test("during each answer gets an error, and no expired token", async () => {
    const clock = new ManualClock();
    const source = new TestTokenSource();
    source.answer = () => {
      clock.stepWall(2 * HOUR);
      return { sentAt: { wall: clock.wall() - 2 * HOUR, monotonic: clock.monotonic() } };
    };
    const call = failureOf(new TokenCache({ clock }).getToken(source));
    await pass(clock, 10 * SECOND);
    expect((await call).code).toBe("timeout");
  });

  test("while the token is written to the store gets another one", async () => {
    const clock = new ManualClock();
    const { promise: written, resolve } = Promise.withResolvers<void>();
    const shared = memoryStore({ clock });
    const store: TokenStore = { ...shared, set: () => written };
    const source = new TestTokenSource();
    const call = new TokenCache({ clock, store }).getToken(source);
    await settle();
    clock.stepWall(2 * HOUR);
    resolve();
    expect((await call).expiresAt).toBe(clock.wall() + HOUR);
    expect(source.issues).toBe(2);
  });
});
