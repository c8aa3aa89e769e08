import { credential } from "../options/credential.ts";
import { invalidOption } from "../options/invalid-option.ts";
import { type CredentialFields, type Credentials, checkField, namesOf, pickCredentials } from "./credential-fields.ts";
import { type CredentialsFunction, callCredentialsFunction } from "./credentials-function.ts";
import { FetchedCredentials } from "./fetched-credentials.ts";

/** Options of a provider whose credentials may come from a secret manager. */
export interface CredentialsOptions<Name extends string> {
  /**
   * The credentials in one object, or a function that fetches them, for instance from a secret manager. In place of the
   * single options and the environment variables. The function is called at the first request, and when the provider
   * refuses the credentials. It is also called before a token request if {@link CredentialsOptions.credentialsTtlMs} is
   * over.
   */
  readonly credentials?: Credentials<Name> | CredentialsFunction<Name> | undefined;
  /**
   * How long fetched credentials are used without another call of the function, in ms. 0: the function is called before
   * each token request. Default 300,000 (5 minutes).
   */
  readonly credentialsTtlMs?: number | undefined;
}

/** A provider's credentials, wherever they come from. */
export interface ProviderCredentials<C> {
  /**
   * The credentials as they are known now. Static ones are read at the first call, and once: the cache key and every token
   * request use the same.
   *
   * @throws TokenError `invalid_options` if they are missing; `credentials_unavailable` before they were fetched
   */
  current(): C;
  /**
   * Where a function fetches them. `undefined`: they never change.
   *
   * @internal
   */
  readonly fetched: FetchedCredentials<C> | undefined;
}

const DEFAULT_TTL_MS = 5 * 60 * 1_000;

/**
 * Credentials from the option `credentials`, from an option of each field's name, or from the fields' environment
 * variables. The variables are read when they are first needed.
 *
 * @throws TokenError `invalid_options` naming the option
 */
export function readCredentials<Name extends string>(
  provider: string,
  options: CredentialsOptions<Name> & { readonly [Field in Name]?: unknown } & { readonly timeoutMs: number },
  fields: CredentialFields<Name>,
): ProviderCredentials<Credentials<Name>> {
  const { credentials: given, credentialsTtlMs: ttlMs = DEFAULT_TTL_MS, timeoutMs } = options;
  checkTtl(provider, options.credentialsTtlMs, given);
  if (given === undefined) return separateCredentials(provider, options, fields);
  const separate = namesOf(fields).find((name) => options[name] !== undefined);
  if (separate !== undefined) {
    throw invalidOption(provider, `Give either the option credentials or ${separate}, not both.`);
  }
  if (typeof given === "function") {
    const fetched = new FetchedCredentials({
      provider,
      ttlMs,
      timeoutMs,
      ask: (signal) => callCredentialsFunction(provider, given, fields, signal),
    });
    return { current: () => fetched.known, fetched };
  }
  if (typeof given !== "object" || given === null) {
    const names = namesOf(fields).join(" and ");
    throw invalidOption(
      provider,
      `The option credentials must be an object with ${names}, or a function that returns one.`,
    );
  }
  const credentials = pickCredentials(provider, given, fields, (name) => `The option credentials.${name}`);
  return { current: () => credentials, fetched: undefined };
}

function separateCredentials<Name extends string>(
  provider: string,
  options: { readonly [Field in Name]?: unknown },
  fields: CredentialFields<Name>,
): ProviderCredentials<Credentials<Name>> {
  const given = new Map<Name, string>();
  for (const name of namesOf(fields)) {
    const value = options[name];
    if (value !== undefined) given.set(name, checkField(provider, `The option ${name}`, value, fields[name]));
  }
  const read = (name: Name): [Name, string] => {
    const { variable, advice, parse } = fields[name];
    const option = given.get(name);
    if (option !== undefined) return [name, option];
    const text = credential(provider, name, undefined, variable, advice);
    return [name, parse?.(text) ?? text];
  };
  let credentials: Credentials<Name> | undefined;
  return {
    current() {
      credentials ??= Object.fromEntries(namesOf(fields).map(read)) as Credentials<Name>;
      return credentials;
    },
    fetched: undefined,
  };
}

function checkTtl(provider: string, ttlMs: unknown, credentials: unknown): void {
  if (ttlMs === undefined) return;
  if (!(typeof ttlMs === "number" && ttlMs >= 0)) {
    throw invalidOption(provider, "The option credentialsTtlMs must be a number of milliseconds, 0 or more.");
  }
  if (typeof credentials !== "function") {
    throw invalidOption(provider, "The option credentialsTtlMs needs a function in the option credentials.");
  }
}
