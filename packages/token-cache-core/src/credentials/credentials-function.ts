import { TokenError } from "../contract/token-error.ts";
import { type CredentialFields, type Credentials, namesOf, pickCredentials } from "./credential-fields.ts";

/** What a {@link CredentialsFunction} is called with. A function that needs none of it takes no parameter. */
export interface CredentialsRequest<Name extends string = string> {
  /** The names of the values that are needed. */
  readonly names: readonly Name[];
  /** Aborts when the time limit, the option `timeoutMs`, is over. */
  readonly signal: AbortSignal;
}

/** Fetches credentials. Members that are not needed are left alone. */
export type CredentialsFunction<Name extends string> = (
  request: CredentialsRequest<Name>,
) => Credentials<Name> | PromiseLike<Credentials<Name>>;

/**
 * The credentials that a function fetches, checked.
 *
 * @throws TokenError `credentials_unavailable` that names the function and shows nothing of what it returned or threw
 */
export async function callCredentialsFunction<Name extends string>(
  provider: string,
  fetchCredentials: CredentialsFunction<Name>,
  fields: CredentialFields<Name>,
  signal: AbortSignal,
): Promise<Credentials<Name>> {
  const names = namesOf(fields);
  let source = "the function in the option credentials";
  try {
    source = sourceName(fetchCredentials) ?? source;
    const returned: unknown = await fetchCredentials({ names: [...names], signal });
    if (typeof returned === "object" && returned !== null) {
      return pickCredentials(provider, returned, fields, (name) => `The ${name} that ${source} returned`);
    }
  } catch (thrown) {
    throw unavailable(provider, reasonOf(thrown, source));
  }
  throw unavailable(provider, `It must return an object with ${names.join(" and ")}: ${source}.`);
}

/** The error for a function that took too long. */
export function tooSlow(provider: string, timeoutMs: number): TokenError {
  return unavailable(
    provider,
    `The function in the option credentials did not answer within ${timeoutMs} ms. Check the secret manager and the ` +
      "network path, or raise timeoutMs.",
  );
}

/** The error for credentials that nobody has fetched yet. */
export function notFetched(provider: string): TokenError {
  return unavailable(provider, "The function in the option credentials has not been called yet. Call getToken first.");
}

function unavailable(provider: string, message: string): TokenError {
  return new TokenError("credentials_unavailable", { message, provider });
}

/** The name distinguishes several functions. */
function sourceName({ name }: { readonly name: unknown }): string | undefined {
  if (typeof name !== "string" || name === "credentials" || !/^[\w$]{1,64}$/.test(name)) return undefined;
  return `the function ${name} in the option credentials`;
}

/** What went wrong, in words that are ours: the text of a foreign error may hold a secret. */
function reasonOf(thrown: unknown, source: string): string {
  try {
    if (TokenError.is(thrown)) return String(thrown.message);
    // The class of the error: its own name is a text that anyone can set.
    const { name } = Object.getPrototypeOf(thrown).constructor;
    const { code, cause } = thrown as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
    const systemCode = SYSTEM_CODES.find((each) => each === (code ?? cause?.code));
    const known = [CLASS_NAME.test(name) ? name : undefined, systemCode].filter((word) => word !== undefined);
    const words = known.length > 0 ? ` (${known.join(" ")})` : "";
    return `Call failed: ${source}${words}. Check the secret manager, and the permission to read from it.`;
  } catch {
    return `Call failed: ${source}. Check the secret manager, and the permission to read from it.`;
  }
}

const CLASS_NAME = /^[A-Za-z]{0,60}(Error|Exception)$/;

const SYSTEM_CODES =
  "EACCES EAI_AGAIN ECONNREFUSED ECONNRESET EHOSTUNREACH ENETUNREACH ENOENT ENOTFOUND EPERM EPIPE ETIMEDOUT".split(" ");
