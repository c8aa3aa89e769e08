import { TokenError } from "../contract/token-error.ts";

/** An `invalid_options` error of a provider. */
export function invalidOption(provider: string, message: string): TokenError {
  return new TokenError("invalid_options", { message, provider });
}
