import {
  type CredentialFields,
  type CredentialsOptions,
  checkAuthOptions,
  checkHeaderValue,
  checkUrl,
  emulatedOptions,
  type ProviderOnEmulator,
  readCredentials,
  type TokenAuthOptions,
} from "@x/token-cache-core/provider";

export const PROVIDER = "iamport";

/** Options of {@link createIamportAuth}. Missing credentials are read from environment variables at the first request. */
export interface IamportAuthOptions extends TokenAuthOptions, CredentialsOptions<keyof IamportCredentials> {
  /** The REST API key. Default: `IAMPORT_IMP_KEY`. */
  readonly impKey?: string | undefined;
  /** The REST API secret. Default: `IAMPORT_IMP_SECRET`. */
  readonly impSecret?: string | undefined;
  /** An agency's code for the merchant that API calls are for. Default: none. Tokens do not need it. */
  readonly tier?: string | undefined;
  /** Default: iamport's token endpoint. */
  readonly tokenUrl?: string | undefined;
  /** The start of API URLs. Default `https://api.iamport.kr`. With fixed IP addresses: `https://static-api.iamport.kr`. */
  readonly apiBaseUrl?: string | undefined;
}

/** A merchant's REST API key and secret. */
export interface IamportCredentials {
  readonly impKey: string;
  readonly impSecret: string;
}

const CREDENTIALS = {
  impKey: { variable: "IAMPORT_IMP_KEY" },
  impSecret: { variable: "IAMPORT_IMP_SECRET" },
} satisfies CredentialFields<keyof IamportCredentials>;

/** The emulator's paths and credentials, for `COMMERCE_AUTH_EMULATOR`. */
export const EMULATOR = {
  realApiBaseUrls: ["https://api.iamport.kr", "https://static-api.iamport.kr"],
  tokenPath: "/iamport/users/getToken",
  apiPath: "/iamport",
  credentials: { impKey: "emulated-imp-key", impSecret: "emulated-imp-secret" },
} satisfies ProviderOnEmulator<IamportAuthOptions>;

/** Checks the options. Missing credentials are read from environment variables later, when they are needed. */
export function readOptions(given: IamportAuthOptions) {
  const options = emulatedOptions(PROVIDER, checkAuthOptions(PROVIDER, given), EMULATOR);
  const { tokenUrl = "https://api.iamport.kr/users/getToken", apiBaseUrl = "https://api.iamport.kr" } = options;
  return {
    ...options,
    tokenUrl: checkUrl(PROVIDER, "tokenUrl", tokenUrl),
    apiBaseUrl: checkUrl(PROVIDER, "apiBaseUrl", apiBaseUrl),
    tier: checkHeaderValue(PROVIDER, "tier", options.tier),
    credentials: readCredentials(PROVIDER, options, CREDENTIALS),
  };
}
