import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BoundedMap, BoundedMapEntry } from "./bounded-map.ts";

/** SIEVE as the paper describes it: an array from oldest to newest, and the hand as a key. */
class NaiveSieve {
  queue: { key: string; visited: boolean }[] = [];
  hand: string | undefined;
  readonly evicted: string[] = [];
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(key: string): boolean {
    const found = this.queue.find((entry) => entry.key === key);
    if (found !== undefined) found.visited = true;
    return found !== undefined;
  }

  set(key: string): void {
    this.delete(key);
    if (this.queue.length >= this.capacity) this.#evict();
    this.queue.push({ key, visited: false });
  }

  delete(key: string): void {
    const index = this.queue.findIndex((entry) => entry.key === key);
    if (index < 0) return;
    if (this.hand === key) this.hand = this.queue[index + 1]?.key;
    this.queue.splice(index, 1);
  }

  #evict(): void {
    let index = Math.max(
      0,
      this.queue.findIndex((entry) => entry.key === this.hand),
    );
    for (let entry = this.queue[index]; entry?.visited; entry = this.queue[index]) {
      entry.visited = false;
      index = (index + 1) % this.queue.length;
    }
    const victim = this.queue[index]?.key ?? "";
    this.hand = victim;
    this.delete(victim);
    this.evicted.push(victim);
  }
}

/** The keys from the oldest entry to the newest, followed along the links in both directions. */
function linkedKeys(map: BoundedMap<BoundedMapEntry>, keys: readonly string[]): string[] {
  const entries = keys.map((key) => map.peek(key)).filter((entry) => entry !== undefined);
  const oldest = entries.filter((entry) => entry.older === undefined);
  expect(oldest).toHaveLength(Math.min(1, entries.length));
  const order: string[] = [];
  for (let entry: BoundedMapEntry | undefined = oldest[0]; entry !== undefined; entry = entry.newer) {
    order.push(entry.key);
    expect(order.length).toBeLessThanOrEqual(entries.length);
    if (entry.newer !== undefined) expect(entry.newer.older).toBe(entry);
  }
  return order;
}

describe("a SIEVE map", () => {
  const KEYS = [..."abcdefgh"];
  const key = fc.constantFrom(...KEYS);
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("set" as const), key }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("get" as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("peek" as const), key }) },
  );

  test("keeps, evicts and orders exactly as the plain model does, within its bound, after any operations", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(operation, { maxLength: 60 }), (capacity, operations) => {
        const evicted: string[] = [];
        const map = new BoundedMap<BoundedMapEntry>(capacity, (entry) => evicted.push(entry.key));
        const model = new NaiveSieve(capacity);
        for (const { do: act, key } of operations) {
          if (act === "set") {
            map.set(new BoundedMapEntry(key));
            model.set(key);
          } else if (act === "get") {
            expect(map.get(key)?.key).toBe(model.get(key) ? key : undefined);
          } else if (act === "delete") {
            map.delete(key);
            model.delete(key);
          } else {
            map.peek(key);
          }
          expect(map.size).toBe(model.queue.length);
          expect(linkedKeys(map, KEYS)).toEqual(model.queue.map((entry) => entry.key));
        }
        expect(evicted).toEqual(model.evicted);
      }),
      { numRuns: 1_000 },
    );
  });

  test("case 28: keeps what is used through a scan of a hundred thousand others", () => {
    const map = new BoundedMap<BoundedMapEntry>(100);
    const used = Array.from({ length: 20 }, (_, n) => `used-${n}`);
    for (const key of used) map.set(new BoundedMapEntry(key));
    for (let n = 0; n < 100_000; n++) {
      map.set(new BoundedMapEntry(`scan-${n}`));
      map.get(used[n % used.length] ?? "");
    }
    expect(map.size).toBe(100);
    expect(used.filter((key) => map.peek(key) === undefined)).toEqual([]);
  });

  test("does not count a peek as a use", () => {
    const map = new BoundedMap<BoundedMapEntry>(2);
    for (const key of ["a", "b"]) map.set(new BoundedMapEntry(key));
    map.peek("a");
    map.set(new BoundedMapEntry("c"));
    expect(map.peek("a")).toBeUndefined();
  });

  test("replaces an entry of the same key without making room for it", () => {
    const evicted: string[] = [];
    const map = new BoundedMap<BoundedMapEntry>(2, (entry) => evicted.push(entry.key));
    const replacement = new BoundedMapEntry("a");
    for (const entry of [new BoundedMapEntry("a"), new BoundedMapEntry("b"), replacement]) map.set(entry);
    expect(map.get("a")).toBe(replacement);
    expect(evicted).toEqual([]);
  });

  test("starts over after it was cleared", () => {
    const map = new BoundedMap<BoundedMapEntry>(2);
    for (const key of ["a", "b", "c"]) map.set(new BoundedMapEntry(key));
    map.clear();
    expect(map.size).toBe(0);
    for (const key of ["d", "e", "f"]) map.set(new BoundedMapEntry(key));
    expect(linkedKeys(map, [..."abcdef"])).toEqual(["e", "f"]);
  });
});
