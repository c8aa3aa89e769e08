import {
  type CredentialFields,
  type CredentialsOptions,
  checkAuthOptions,
  checkString,
  checkUrl,
  credential,
  emulatedOptions,
  invalidOption,
  type ProviderOnEmulator,
  pathPart,
  readCredentials,
  type TokenAuthOptions,
} from "@x/token-cache-core/provider";

export const PROVIDER = "toss-shopping";

/** Options of {@link createTossShoppingAuth}. Missing credentials are read from environment variables at the first request. */
export interface TossShoppingAuthOptions extends TokenAuthOptions, CredentialsOptions<keyof TossShoppingCredentials> {
  /** The seller's Access Key. Default: `TOSS_SHOPPING_ACCESS_KEY`. */
  readonly accessKey?: string | undefined;
  /** The seller's Secret Key. Default: `TOSS_SHOPPING_SECRET_KEY`. */
  readonly secretKey?: string | undefined;
  /** The integrator's code, part of every API path. Default: `TOSS_SHOPPING_SOLUTION_CODE`. Tokens do not need it. */
  readonly solutionCode?: string | undefined;
  /** Toss's live or test hosts. Default `live`. */
  readonly environment?: "live" | "test" | undefined;
  /** Default `toss-shopping-fep:write`, the only one documented. */
  readonly scope?: string | undefined;
  /** Default: the environment's token endpoint. */
  readonly tokenUrl?: string | undefined;
  /** The start of API URLs, up to the solution code. Default: the environment's. */
  readonly apiBaseUrl?: string | undefined;
}

/** A seller's keys. */
export interface TossShoppingCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

const CREDENTIALS = {
  accessKey: { variable: "TOSS_SHOPPING_ACCESS_KEY" },
  secretKey: { variable: "TOSS_SHOPPING_SECRET_KEY" },
} satisfies CredentialFields<keyof TossShoppingCredentials>;

/** Toss documents the live hosts and the test token endpoint. The test API host is from public code. */
const ENVIRONMENTS = {
  live: {
    tokenUrl: "https://oauth2.cert.toss.im/token",
    apiBaseUrl: "https://shopping-fep.toss.im/api/v3/shopping-fep",
  },
  test: {
    tokenUrl: "https://oauth2-alpha.cert.toss.im/token",
    apiBaseUrl: "https://shopping-fep-alpha.toss.im/api/v3/shopping-fep",
  },
};

/** The emulator's paths and credentials, for `COMMERCE_AUTH_EMULATOR`. */
export const EMULATOR = {
  realApiBaseUrls: [ENVIRONMENTS.live.apiBaseUrl, ENVIRONMENTS.test.apiBaseUrl],
  tokenPath: "/toss/token",
  apiPath: "/toss/api/v3/shopping-fep",
  credentials: {
    accessKey: "emulated-toss-access-key",
    secretKey: "emulated-toss-secret-key",
    solutionCode: "emulated-solution",
  },
} satisfies ProviderOnEmulator<TossShoppingAuthOptions>;

/** Checks the options. Missing credentials are read from environment variables later, when they are needed. */
export function readOptions(given: TossShoppingAuthOptions) {
  const options = emulatedOptions(PROVIDER, checkAuthOptions(PROVIDER, given), EMULATOR);
  const { environment = "live" } = options;
  if (typeof environment !== "string" || !Object.hasOwn(ENVIRONMENTS, environment)) {
    throw invalidOption(PROVIDER, 'The option environment must be "live" or "test".');
  }
  const { tokenUrl = ENVIRONMENTS[environment].tokenUrl, apiBaseUrl = ENVIRONMENTS[environment].apiBaseUrl } = options;
  const solutionCode = checkString(PROVIDER, "solutionCode", options.solutionCode);
  if (solutionCode !== undefined) pathPart(PROVIDER, "solutionCode", solutionCode);
  return {
    ...options,
    tokenUrl: checkUrl(PROVIDER, "tokenUrl", tokenUrl),
    apiBaseUrl: checkUrl(PROVIDER, "apiBaseUrl", apiBaseUrl),
    scope: checkString(PROVIDER, "scope", options.scope) ?? "toss-shopping-fep:write",
    credentials: readCredentials(PROVIDER, options, CREDENTIALS),
    solutionPath(): string {
      const code = credential(PROVIDER, "solutionCode", solutionCode, "TOSS_SHOPPING_SOLUTION_CODE");
      return pathPart(PROVIDER, "solutionCode or TOSS_SHOPPING_SOLUTION_CODE", code);
    },
  };
}
