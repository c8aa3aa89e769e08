import type { Attributes, Observable } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { Observations, sum } from "./observations.ts";

const gauge = {} as Observable;

function start() {
  const observations = new Observations(new Map([[gauge, Number.NaN]]));
  return {
    /** Observes these identities, and returns what is reported. */
    collect(identities: readonly number[]): number[] {
      for (const identity of identities) observations.observe(gauge, { identity }, identity, sum);
      const reported: number[] = [];
      const observe = (_: Observable, value: number, _attributes?: Attributes) => void reported.push(value);
      observations.report({ observe } as never);
      return reported;
    },
  };
}

test("a set that has been observed is reported at each collection, with its end value if it is gone", () => {
  const { collect } = start();
  expect(collect([1, 2])).toEqual([1, 2]);
  expect(collect([2])).toEqual([Number.NaN, 2]);
  expect(collect([1])).toEqual([1, Number.NaN]);
});

test("of more than 2,000 sets, those that are gone are forgotten after their end value", () => {
  const { collect } = start();
  const identities = Array.from({ length: 2_100 }, (_, nth) => nth);
  expect([identities, [], [], []].map((each) => collect(each).length)).toEqual([2_100, 2_100, 2_000, 2_000]);
});
