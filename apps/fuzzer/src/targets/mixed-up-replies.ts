import { TokenCache, type TokenStore } from "@x/token-cache-core";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { ManualClock, memoryStore } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { ENCRYPTION_KEY, fill, identity } from "../shared-tokens.ts";
import { must, type Target } from "../target.ts";
import { settle } from "../virtual-time.ts";

const NOW_MS = 1_800_000_000_000;
const SELLERS = ["ann", "ben", "cho", "dan", "eve"];

const cases = fc.record({
  /** By how many replies a connection is out of step, at each read. */
  shifts: fc.array(fc.nat({ max: SELLERS.length - 1 }), { minLength: 1, maxLength: 10 }),
  isEncrypted: fc.boolean(),
});

export const mixedUpReplies: Target = {
  name: "mixed-up-replies",
  input: "A connection on which one reply was lost, so that five sellers get each other's replies.",
  rule: "No identity gets another one's token from a connection whose replies are out of step.",
  shortRuns: 100,
  open: () => ({
    property: fc.asyncProperty(cases, async ({ shifts, isEncrypted }) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      const inner = memoryStore({ clock });
      const sources = SELLERS.map((name) => identity(name));
      const keys = [ENCRYPTION_KEY];
      const wrap = (store: TokenStore) => (isEncrypted ? encryptedStore(store, { keys }) : store);
      await fill(wrap(inner), sources, clock);

      let reads = 0;
      const another = (key: string) => {
        const shift = shifts[reads++ % shifts.length] ?? 0;
        const place = sources.findIndex((source) => source.key === key);
        return sources[(place + shift) % sources.length]?.key ?? key;
      };
      const mixedUp: TokenStore = { ...inner, get: (key) => inner.get(another(key)) };
      await using cache = new TokenCache({ store: wrap(mixedUp), clock });
      for (const [place, source] of sources.entries()) {
        const outcome = await settle(cache.getToken(source), clock);
        must("value" in outcome, "getToken fails.");
        const owner = outcome.value.value.split("-")[0];
        must(owner === SELLERS[place], `${SELLERS[place]} got the token of ${owner}.`);
      }
    }),
  }),
};
