import fc from "fast-check";
import { expect, it } from "vitest";
import { FairQueue } from "./fair-queue.ts";

interface Entry {
  readonly identity: string;
  readonly name: string;
}

const entry = (name: string): Entry => ({ identity: name.split(" ")[0] ?? "", name });

function drained(queue: FairQueue<Entry>): string[] {
  const names = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) names.push(next.name);
  return names;
}

it("case 65: goes round, so that an identity with many entries does not delay the others", () => {
  const queue = new FairQueue<Entry>();
  for (const name of ["flood 1", "flood 2", "flood 3", "flood 4", "a 1", "b 1", "b 2"]) queue.add(entry(name));
  expect(drained(queue)).toEqual(["flood 1", "a 1", "b 1", "flood 2", "b 2", "flood 3", "flood 4"]);
});

it("puts an entry before the identity's others if it had its turn already", () => {
  const queue = new FairQueue<Entry>();
  queue.add(entry("a second"));
  queue.add(entry("a third"));
  queue.add(entry("a first"), true);
  expect(drained(queue)).toEqual(["a first", "a second", "a third"]);
});

it("keeps each identity's order, loses nothing and counts right, after any operations", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), identity: fc.constantFrom("a", "b", "c") }),
    fc.record({ kind: fc.constant("next" as const) }),
    fc.record({ kind: fc.constant("remove" as const), index: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new FairQueue<Entry>();
      const waiting: Entry[] = [];
      const ofIdentity = (of: Entry | undefined) => waiting.filter(({ identity }) => identity === of?.identity);
      steps.forEach((step, index) => {
        if (step.kind === "add") {
          const added = entry(`${step.identity} ${index}`);
          queue.add(added);
          waiting.push(added);
        } else if (step.kind === "next") {
          const next = queue.next();
          expect(next).toBe(ofIdentity(next)[0]);
          if (next !== undefined) waiting.splice(waiting.indexOf(next), 1);
          else expect(waiting).toEqual([]);
        } else {
          const [left] = waiting.splice(step.index, 1);
          // An entry may be removed twice.
          queue.remove(left ?? entry("a stranger"));
          if (left !== undefined) queue.remove(left);
        }
        expect(queue.size).toBe(waiting.length);
      });
      expect([...queue].map(({ name }) => name).sort()).toEqual(waiting.map(({ name }) => name).sort());
      expect(drained(queue).sort()).toEqual(waiting.map(({ name }) => name).sort());
    }),
  );
});
