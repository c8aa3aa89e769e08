// What a program does that was set up as docs/stores.md says: see the test that starts it.

import type { TokenSource } from "../../contract/token-source.ts";
import type { TokenCache, TokenStore } from "../../index.ts";
import { instant } from "../../time/clock.ts";

/** Asks the cache for tokens and counts the notices, until the parent process says `stop`. */
export async function useUntilStopped(cache: TokenCache, store: TokenStore): Promise<void> {
  let notices = 0;
  let tokens = 0;
  store.changed?.(() => {
    notices += 1;
  });
  const source: TokenSource = {
    provider: "test-provider",
    origin: "https://auth.test",
    key: `test-provider:https://auth.test:${process.pid}`,
    policy: { softWindow: { ms: 1_000 }, hardWindow: { ms: 0 } },
    issue: async ({ clock }) => ({ value: `token-${Date.now()}`, lifetimeMs: 60_000, sentAt: instant(clock) }),
  };
  let isStopped = false;
  process.on("message", () => {
    isStopped = true;
  });
  while (!isStopped) {
    await cache.getToken(source, { forceRefresh: true });
    tokens += 1;
    // The cache pauses a failing store. A write past the cache shows the store's state at once.
    store.set("written past the cache", { id: "0123456789abcdef", payload: "payload" }, 60_000).catch(() => {});
    process.send?.({ tokens, notices });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await cache.close();
  await store.close?.();
}
