import type { LaneRule } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";

/** @throws TokenError `invalid_options` naming what is wrong with a provider's lane */
export function checkLaneRule(provider: string, rule: LaneRule | undefined): void {
  const { name, limit } = (rule ?? {}) as Partial<LaneRule>;
  if (typeof name !== "string" || name === "") throw invalidRule(provider, "", "needs a name");
  if (limit === undefined) return;
  const { perSecond, burst } = limit;
  if (!isNumber(perSecond, Number.MIN_VALUE)) throw invalidRule(provider, name, "needs a limit.perSecond above 0");
  if (burst !== undefined && !isNumber(burst, 1)) throw invalidRule(provider, name, "needs a limit.burst of 1 or more");
}

function isNumber(value: unknown, least: number): boolean {
  return typeof value === "number" && value >= least && value < Number.POSITIVE_INFINITY;
}

function invalidRule(provider: string, name: string, what: string): TokenError {
  const message = `The lane "${name}" in the rate limits ${what}. Change the provider's laneOf or tokenRequests.`;
  return new TokenError("invalid_options", { message, provider });
}
