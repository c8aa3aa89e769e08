import { expect, it } from "vitest";
import type { LaneRule } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import { checkLaneRule } from "./lane-rule.ts";

it.each([
  [{ name: "orders", limit: undefined }],
  [{ name: "orders", limit: { perSecond: 0.5 } }],
  [{ name: "orders", limit: { perSecond: 2, burst: 1 } }],
])("%o is a lane", (rule) => {
  expect(() => checkLaneRule("test", rule)).not.toThrow();
});

it.each([
  [undefined, "name"],
  [null, "name"],
  [{ name: "", limit: undefined }, "name"],
  [{ name: 7, limit: undefined }, "name"],
  [{ name: "orders", limit: { perSecond: 0 } }, "perSecond"],
  [{ name: "orders", limit: { perSecond: Number.NaN } }, "perSecond"],
  [{ name: "orders", limit: { perSecond: "2" } }, "perSecond"],
  [{ name: "orders", limit: { perSecond: Number.POSITIVE_INFINITY } }, "perSecond"],
  [{ name: "orders", limit: { perSecond: 2, burst: 0 } }, "burst"],
  [{ name: "orders", limit: { perSecond: 2, burst: Number.NaN } }, "burst"],
])("%o is refused, and the error says what to change", (rule, field) => {
  const check = () => checkLaneRule("test", rule as unknown as LaneRule);
  expect(check).toThrow(TokenError);
  expect(check).toThrow(expect.objectContaining({ code: "invalid_options", message: expect.stringContaining(field) }));
});
