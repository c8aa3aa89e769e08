/** The secret that a token request holds. */
export type Secret = "old" | "new";

/** The credentials change in the middle of a schedule: rolling, so that some processes see the new secret earlier. */
export interface Rotation {
  /** From here on the provider accepts the new secret. */
  readonly acceptedFrom: number;
  /** From here on the provider refuses the old secret. */
  readonly refusedFrom: number;
  /** From here on each machine's function returns the new secret. */
  readonly seenFrom: readonly number[];
  /** The tokens that were issued for the old secret end with it. */
  readonly endsTokens: boolean;
  /** The option `credentialsTtlMs`. */
  readonly ttlMs: number;
  /** The function takes so long at most, in ms. */
  readonly answersWithinMs: number;
}

/** The secret that a machine's function returns. */
export function seenSecret({ seenFrom }: Rotation, machine: number, now: number): Secret {
  return now < (seenFrom[machine] ?? 0) ? "old" : "new";
}

/** Whether the provider issues a token for this secret. */
export function isAccepted({ acceptedFrom, refusedFrom }: Rotation, secret: Secret, now: number): boolean {
  return secret === "old" ? now < refusedFrom : now >= acceptedFrom;
}
