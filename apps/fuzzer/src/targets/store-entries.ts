import { TokenCache, type TokenEvent } from "@x/token-cache-core";
import { ManualClock, memoryStore } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { oddNumber, oddText, oddValue, variantOf } from "../odd-values.ts";
import { fill, identity, tokenId } from "../shared-tokens.ts";
import { must, type Target } from "../target.ts";
import { mustBeUsable } from "../usable-token.ts";
import { settle } from "../virtual-time.ts";

const NOW_MS = 1_800_000_000_000;

/** The entry that the cache itself writes, to vary it. */
const { payload: rightPayload, id: rightId } = await rightEntry();
const rightFields: Record<string, unknown> = JSON.parse(rightPayload);

const hostileValues = fc.oneof(
  fc.constantFrom("x\r\nX-Injected: 1", "토큰", "", " ", "\0", "a b", "x".repeat(100_000)),
  oddText,
);

/** A consistent entry: its id belongs to its value. */
const coherent = fc
  .record({
    value: fc.oneof(fc.constant("stored-token"), hostileValues),
    tokenType: fc.oneof(fc.constant("Bearer"), hostileValues),
    scope: fc.oneof(fc.constant(undefined), oddValue),
    lifetimeMs: fc.oneof(fc.constant(3_600_000), fc.constantFrom(1, 1e15, 1e300), oddNumber),
  })
  .map((fields) => ({ id: tokenId(fields.value), payload: JSON.stringify({ ...rightFields, ...fields }) }));

const entries = fc.oneof(
  { weight: 4, arbitrary: coherent },
  {
    weight: 3,
    arbitrary: variantOf(rightFields).map((fields) => ({ id: rightId, payload: JSON.stringify(fields) ?? "" })),
  },
  { weight: 1, arbitrary: fc.record({ id: oddText, payload: oddText }) },
);

const cases = fc.record({ entry: entries, remainingMs: fc.constantFrom(1, 1_000, 60_000, 3_600_000, 1e14, 1e15) });

export const storeEntries: Target = {
  name: "store-entries",
  input: "Entries in a store: header injection, odd types, lifetimes of 10¹⁵ ms, and what is no entry at all.",
  rule: "A stored token is checked as strictly as an issued one: what is not usable is a miss, and is replaced.",
  shortRuns: 300,
  open: () => ({
    property: fc.asyncProperty(cases, async ({ entry, remainingMs }) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      const store = memoryStore({ clock });
      const source = identity("seller");
      await store.set(source.key, entry, remainingMs);
      const events: TokenEvent[] = [];
      await using cache = new TokenCache({ store, clock, observer: (event) => events.push(event) });
      const outcome = await settle(cache.getToken(source), clock);
      must("value" in outcome, `getToken fails: ${"error" in outcome && String(outcome.error)}`);
      mustBeUsable(outcome.value, clock.wall());
      const isAdopted = source.issued.length === 0;
      // The provider may send the same token that the entry held, a moment before its end.
      const isIssued = events.some(({ type }) => type === "issued" || type === "unchanged");
      must(isAdopted || isIssued, "It is neither adopted nor issued.");
      if (isAdopted) must(outcome.value.id === entry.id, "Another token than the stored one was adopted.");
    }),
  }),
};

async function rightEntry() {
  const clock = new ManualClock({ startAt: NOW_MS });
  const store = memoryStore({ clock });
  const source = identity("seller");
  await fill(store, [source], clock);
  const entry = await store.get(source.key);
  must(entry !== undefined && source.issued.length === 1, "The cache has written no entry to vary.");
  // Otherwise the variants would vary nothing.
  const fields = JSON.parse(entry.payload);
  must("value" in fields && "tokenType" in fields && "lifetimeMs" in fields, "The entry's fields have other names.");
  const other = identity("seller");
  const [adopted] = await fill(store, [other], clock);
  must(other.issued.length === 0 && adopted?.id === entry.id, "The right entry is not adopted.");
  return entry;
}
