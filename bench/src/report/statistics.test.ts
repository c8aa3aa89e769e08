import { expect, test } from "vitest";
import { ratios, summarize } from "./statistics.ts";

test("the median is the middle figure, or the mean of the two in the middle, in any order of runs", () => {
  expect(summarize([9, 1, 5])).toEqual({ runs: 3, median: 5, min: 1, max: 9 });
  expect(summarize([4, 1, 3, 2])).toEqual({ runs: 4, median: 2.5, min: 1, max: 4 });
  expect(summarize([7])).toEqual({ runs: 1, median: 7, min: 7, max: 7 });
});

test("figures are sorted as numbers", () => {
  expect(summarize([100, 20, 3]).median).toBe(20);
});

test("a ratio is taken within each run", () => {
  expect(ratios([20, 200, 2_000], [10, 100, 1_000])).toEqual({ runs: 3, median: 2, min: 2, max: 2 });
});

test("no runs, and unequal numbers of runs, are errors", () => {
  expect(() => summarize([])).toThrow("at least one run");
  expect(() => ratios([1, 2], [1])).toThrow("same number of runs");
});
