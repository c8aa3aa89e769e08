import fc from "fast-check";
import { expect, it } from "vitest";
import { FairQueue } from "./fair-queue.ts";

function drained(queue: FairQueue<string>): string[] {
  const entries = [];
  for (let entry = queue.next(); entry !== undefined; entry = queue.next()) entries.push(entry);
  return entries;
}

it("case 65: goes round, so that an identity with many entries does not hold up the others", () => {
  const queue = new FairQueue<string>();
  for (let call = 1; call <= 4; call++) queue.add("flood", `flood ${call}`);
  queue.add("a", "a 1");
  queue.add("b", "b 1");
  queue.add("b", "b 2");
  expect(drained(queue)).toEqual(["flood 1", "a 1", "b 1", "flood 2", "b 2", "flood 3", "flood 4"]);
});

it("puts an entry before the identity's others where it had its turn already", () => {
  const queue = new FairQueue<string>();
  queue.add("a", "second");
  queue.add("a", "third");
  queue.add("a", "first", true);
  expect(drained(queue)).toEqual(["first", "second", "third"]);
});

it("keeps each identity's order, loses nothing and counts right, whatever comes and goes", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), identity: fc.constantFrom("a", "b", "c") }),
    fc.record({ kind: fc.constant("next" as const) }),
    fc.record({ kind: fc.constant("remove" as const), index: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new FairQueue<string>();
      const waiting: string[] = [];
      const ofIdentity = (entry: string | undefined) => waiting.filter((each) => each[0] === entry?.[0]);
      steps.forEach((step, index) => {
        if (step.kind === "add") {
          queue.add(step.identity, `${step.identity}${index}`);
          waiting.push(`${step.identity}${index}`);
        } else if (step.kind === "next") {
          const entry = queue.next();
          expect(entry).toBe(ofIdentity(entry)[0]);
          if (entry !== undefined) waiting.splice(waiting.indexOf(entry), 1);
          else expect(waiting).toEqual([]);
        } else {
          const entry = waiting[step.index];
          expect(queue.remove(entry?.[0] ?? "", entry ?? "")).toBe(entry !== undefined);
          if (entry !== undefined) waiting.splice(step.index, 1);
        }
        expect(queue.size).toBe(waiting.length);
      });
      expect(drained(queue).sort()).toEqual(waiting.sort());
    }),
  );
});
