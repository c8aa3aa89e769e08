import { ownMembers } from "../own-members.ts";
import { environmentVariable } from "./environment-variable.ts";
import { invalidOption } from "./invalid-option.ts";
import { isLoopback } from "./loopback.ts";

/** A provider on the emulator: its paths, and the made-up credentials that the emulator accepts. */
export interface ProviderOnEmulator<Options> {
  /** The real API's base URLs, without a slash at the end. */
  readonly realApiBaseUrls: readonly string[];
  /** The path of the token endpoint. */
  readonly tokenPath: string;
  /** The beginning of all API paths. */
  readonly apiPath: string;
  /** They replace the options of the same names. Undefined removes an option. */
  readonly credentials: Partial<Options>;
}

const VARIABLE = "COMMERCE_AUTH_EMULATOR";
/** Options of a function that would fetch real credentials. */
const FROM_ELSEWHERE = { credentials: undefined, credentialsTtlMs: undefined };
const HOSTS_VARIABLE = "COMMERCE_AUTH_EMULATOR_HOSTS";

/**
 * The options, directed to the emulator if the environment variable `COMMERCE_AUTH_EMULATOR` has its origin, such as
 * `http://127.0.0.1:4010`. URLs and credentials are then the emulator's: no real secret is sent to it. Options with a
 * `tokenUrl` on this machine stay as they are. They name an emulator or a test server already.
 *
 * The emulator has to run on this machine. Other hosts are listed in `COMMERCE_AUTH_EMULATOR_HOSTS`, separated by commas.
 *
 * @throws TokenError `invalid_options` naming the variable
 */
export function emulatedOptions<Options extends { readonly tokenUrl?: string | undefined }>(
  provider: string,
  options: Options,
  { tokenPath, apiPath, credentials }: ProviderOnEmulator<Options>,
): Options {
  const origin = emulatorOrigin(provider);
  if (origin === undefined || isOnThisMachine(options.tokenUrl)) return options;
  const urls = { tokenUrl: origin + tokenPath, apiBaseUrl: origin + apiPath };
  return Object.assign(ownMembers(options), FROM_ELSEWHERE, credentials, urls);
}

/**
 * A `fetch` that sends calls of the real API to the emulator, if `COMMERCE_AUTH_EMULATOR` directs the client to it. A
 * program with whole URLs then runs unchanged. Otherwise the same `fetch`.
 */
export function emulatedFetch(
  provider: string,
  fetch: typeof globalThis.fetch,
  apiBaseUrl: URL,
  { realApiBaseUrls }: Pick<ProviderOnEmulator<unknown>, "realApiBaseUrls">,
): typeof globalThis.fetch {
  if (apiBaseUrl.origin !== emulatorOrigin(provider)) return fetch;
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const realBase = realApiBaseUrls.find((base) => url.startsWith(`${base}/`));
    if (realBase === undefined) return fetch(input, init);
    const emulated = apiBaseUrl.href.replace(/\/$/, "") + url.slice(realBase.length);
    return fetch(input instanceof Request ? new Request(emulated, input) : emulated, init);
  };
}

/**
 * The emulator's origin, from the environment.
 *
 * @throws TokenError `invalid_options` naming the variable
 */
export function emulatorOrigin(provider: string): string | undefined {
  const value = environmentVariable(VARIABLE);
  if (!value) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (!isHttp || url.href !== `${url.origin}/`) {
    const message = `The environment variable ${VARIABLE} must be the emulator's origin, such as http://127.0.0.1:4010.`;
    throw invalidOption(provider, message);
  }
  if (!isLoopback(url.hostname) && !allowedHosts().includes(url.hostname)) {
    const message =
      `The environment variable ${VARIABLE} names the host ${url.hostname}, which is not this machine. ` +
      `If the emulator runs there, list the host in ${HOSTS_VARIABLE}.`;
    throw invalidOption(provider, message);
  }
  return url.origin;
}

function allowedHosts(): readonly string[] {
  const list = environmentVariable(HOSTS_VARIABLE) ?? "";
  return list.split(",").map((host) => host.trim().toLowerCase());
}

function isOnThisMachine(url: unknown): boolean {
  return typeof url === "string" && URL.canParse(url) && isLoopback(new URL(url).hostname);
}
