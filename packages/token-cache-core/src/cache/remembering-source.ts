import type { TokenSource } from "../contract/token-source.ts";
import type { HeldToken } from "./cached-token.ts";

/**
 * A source that remembers the token that was found for it last, in whatever memory, so that a hit needs no look-up. The
 * field is private because it must not go with a copy or an heir of the source, whose key may be another; and because
 * it can be written though the source is frozen.
 */
export class RememberingSource {
  #lastHeld: HeldToken | undefined;

  static lastHeld(source: TokenSource): HeldToken | undefined {
    return #lastHeld in source ? source.#lastHeld : undefined;
  }

  /** Does nothing where the source is of another make. */
  static remember(source: TokenSource, held: HeldToken | undefined): void {
    if (#lastHeld in source) source.#lastHeld = held;
  }
}
