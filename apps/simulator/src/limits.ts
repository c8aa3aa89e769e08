/** What the provider counts apart. The uploads of one identity go one at a time. */
export type LaneName = "reads" | "orders" | "uploads" | "tokens";

/** How much a lane takes. */
export interface Allowance {
  readonly perSecond: number;
  /** The capacity of the provider's bucket; `undefined`: it counts in windows of one second, and says nothing in headers. */
  readonly burst: number | undefined;
}

/** How the provider counts API calls, and how long calls wait for their turn. */
export interface Limits extends Allowance {
  /** Of token requests. Default: they are not counted. */
  readonly tokens: Allowance | undefined;
  /** An upload takes so long at most, in ms. */
  readonly uploadMs: number;
  /** The documents name this share of the true limit. */
  readonly documentedShare: number;
  /** It says that it did not process what it refuses. */
  readonly saysUnprocessed: boolean;
  /** A refusal for the rate names a time to wait. */
  readonly saysRetryAfter: boolean;
  readonly maxWaitMs: number;
  /** Another system spends this share of the allowance for a while. */
  readonly others: (Span & { readonly share: number }) | undefined;
  /** The quota is used up for a while. The answers name this share of the time that is left. */
  readonly quota: (Span & { readonly toldShare: number }) | undefined;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** What counts a lane's calls. */
export function allowanceOf(limits: Limits, lane: LaneName): Allowance {
  return lane === "tokens" ? (limits.tokens ?? limits) : limits;
}
