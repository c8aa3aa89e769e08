/** How the provider counts API calls, and how long calls wait for their turn. */
export interface Limits {
  readonly perSecond: number;
  /** The capacity of the provider's bucket; `undefined`: it counts in windows of one second, and says nothing in headers. */
  readonly burst: number | undefined;
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
