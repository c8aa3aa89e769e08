import { TokenError } from "../contract/token-error.ts";

/** `fetch` wraps the error of the socket, sometimes more than once. */
const MOST_CAUSES = 5;

/** The first of the nested errors that has a code of the system or of undici. */
export function systemError(thrown: unknown): { readonly code: string | undefined; readonly message: string } {
  let error = thrown;
  for (let depth = 0; depth < MOST_CAUSES && typeof error === "object" && error !== null; depth++) {
    const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return { code, message: `${message}` };
    error = cause;
  }
  return { code: undefined, message: "" };
}

/** The message if a fetch got the dispatcher of another undici version; `undefined` for any other failure. */
export function foreignDispatcherError(provider: string, thrown: unknown): TokenError | undefined {
  const { code, message: words } = systemError(thrown);
  // undici's own check of what a dispatcher calls.
  if (code !== "UND_ERR_INVALID_ARG" || !/^invalid on\w+ method$/.test(words)) return undefined;
  const message =
    "The dispatcher is of another version of undici than this fetch, so nothing was sent. Pass a fetch that belongs to " +
    "the dispatcher, the one of the same undici package, as the option fetch.";
  return new TokenError("invalid_options", { message, provider });
}
