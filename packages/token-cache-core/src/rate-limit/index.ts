/**
 * For who writes a provider: what its calls are counted by, as data.
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
