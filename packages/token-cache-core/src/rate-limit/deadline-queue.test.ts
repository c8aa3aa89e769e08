import fc from "fast-check";
import { expect, it } from "vitest";
import { DeadlineQueue } from "./deadline-queue.ts";

interface Entry {
  neededAt: number;
  readonly name: number;
}

function drained(queue: DeadlineQueue<Entry>): number[] {
  const names = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) names.push(next.name);
  return names;
}

it("gives the earliest deadline first, and equal ones in their order, after any operations", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), neededAt: fc.nat(5) }),
    fc.record({ kind: fc.constant("next" as const) }),
    fc.record({ kind: fc.constantFrom("remove", "hurry"), index: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new DeadlineQueue<Entry>();
      let waiting: Entry[] = [];
      const inOrder = () => waiting.toSorted((a, b) => (a.neededAt === b.neededAt ? 0 : a.neededAt - b.neededAt));
      steps.forEach((step, name) => {
        if ("neededAt" in step) {
          waiting.push({ neededAt: step.neededAt, name });
          queue.add(waiting.at(-1) as Entry);
        } else if (!("index" in step)) {
          const next = queue.next();
          expect(next).toBe(inOrder()[0]);
          waiting = waiting.filter((each) => each !== next);
        } else {
          const [entry] = waiting.splice(step.index, 1);
          if (entry === undefined) return;
          if (step.kind === "remove") {
            queue.remove(entry);
            return;
          }
          entry.neededAt = Number.NEGATIVE_INFINITY;
          queue.add(entry);
          waiting.push(entry);
        }
        expect(queue.size).toBe(waiting.length);
        expect(new Set(queue)).toEqual(new Set(waiting));
      });
      expect(drained(queue)).toEqual(inOrder().map(({ name }) => name));
    }),
  );
});
