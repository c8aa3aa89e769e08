/**
 * To write a provider: its rate limits, as data.
 *
 * @module
 */
export type {
  CallPacer,
  LaneLimit,
  LaneOwner,
  LaneRule,
  LimitReading,
  PacedCall,
  PacingOptions,
  RateLimitedCall,
  RateLimitRules,
  RateRefusal,
  WaitBudget,
} from "../contract/rate-limits.ts";
export { lanesByRoute } from "./route-template.ts";
