import { InvalidInputError } from "../input-checks.ts";

/** How a secret is rotated. */
export interface SecretRotation {
  /** How long the earlier secrets stay valid beside the new one, in server milliseconds. Default: 0, they die at once. */
  overlapMs?: number;
}

interface Accepted<Credentials> {
  readonly credentials: Credentials;
  /** Epoch ms at the server. */
  readonly until: number;
}

/** The credentials that a provider accepts: those of its rules, and those that rotations made of the first ones. */
export class AcceptedCredentials<Credentials extends object> {
  readonly #configured: readonly Credentials[] | "any";
  readonly #fields: { readonly id: keyof Credentials; readonly secret: keyof Credentials };
  readonly #newSecret: () => string;
  #accepted: readonly Accepted<Credentials>[];

  constructor(
    configured: readonly Credentials[] | "any",
    fields: { readonly id: keyof Credentials; readonly secret: keyof Credentials },
    newSecret: () => string,
  ) {
    this.#configured = configured;
    this.#fields = fields;
    this.#newSecret = newSecret;
    this.#accepted = forever(configured);
  }

  /** All that are accepted at a moment. */
  at(now: number): readonly Credentials[] | "any" {
    if (this.#configured === "any") return "any";
    return this.#accepted.filter(({ until }) => now < until).map(({ credentials }) => credentials);
  }

  /** Those that a client is given: the first ones, with the newest secret. */
  get first(): Credentials | undefined {
    return this.#accepted[0]?.credentials;
  }

  /**
   * Gives the first credentials a new secret, and returns it.
   *
   * @throws InvalidInputError if any credentials are accepted, or none
   */
  rotate(now: number, overlapMs: number): string {
    const { first } = this;
    if (first === undefined) {
      throw new InvalidInputError("rotateSecret.provider", "accepts no credentials that could be rotated");
    }
    const { id, secret } = this.#fields;
    const newSecret = this.#newSecret();
    const earlier = this.#accepted.map((each) =>
      each.credentials[id] === first[id] ? { ...each, until: Math.min(each.until, now + overlapMs) } : each,
    );
    const renewed = { credentials: { ...first, [secret]: newSecret }, until: Number.POSITIVE_INFINITY };
    this.#accepted = [renewed, ...earlier];
    return newSecret;
  }

  /** Undoes all rotations. */
  reset(): void {
    this.#accepted = forever(this.#configured);
  }
}

function forever<Credentials>(configured: readonly Credentials[] | "any"): readonly Accepted<Credentials>[] {
  if (configured === "any") return [];
  return configured.map((credentials) => ({ credentials, until: Number.POSITIVE_INFINITY }));
}
