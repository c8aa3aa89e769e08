import { describe, expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";
import { memoryStore } from "./memory-store.ts";
import { testTokenStore } from "./test-token-store.ts";

describe("the memory store passes the store tests", () => {
  const clock = new ManualClock({ ticking: true });
  const shared = memoryStore({ clock });
  // One store stands for all processes: what it shares lives in it, so no test may close it.
  testTokenStore({
    test,
    createStore: () => ({ ...shared, close: async () => {} }),
    passTime: (ms) => clock.advance(ms),
  });
});

test("a closed memory store calls no listener any more", async () => {
  const store = memoryStore();
  let heard = 0;
  store.changed?.(() => {
    heard += 1;
  });
  await store.close?.();
  await store.set("key", { id: "id", payload: "payload" }, 1_000);
  expect(heard).toBe(0);
});
