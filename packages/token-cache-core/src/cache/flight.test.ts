import { expect, test } from "vitest";
import { ManualClock } from "../testing/index.ts";
import { instant } from "../time/clock.ts";
import { Flight } from "./flight.ts";

test.each([
  ["later", [1_000, 2_000]],
  ["earlier", [2_000, 1_000]],
])("case 33: of two reports of a token's end, the earliest counts, also if the second one is %s", (_, reports) => {
  const clock = new ManualClock();
  const flight = new Flight(clock, [], undefined, undefined);
  for (const remainingMs of reports) flight.sees({ id: "a", readAt: instant(clock), remainingMs });
  flight.sees({ id: "another", readAt: instant(clock), remainingMs: 1 });
  expect(flight.seenEnd("a")?.remainingMs).toBe(1_000);
});

test("the end of a token counts from the moment when the store was asked", () => {
  const clock = new ManualClock();
  const flight = new Flight(clock, [], undefined, undefined);
  flight.sees({ id: "a", readAt: instant(clock), remainingMs: 1_000 });
  clock.advance(900);
  flight.sees({ id: "a", readAt: instant(clock), remainingMs: 500 });
  expect(flight.seenEnd("a")?.remainingMs).toBe(1_000);
});
