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
  readCredentials,
  type TokenAuthOptions,
} from "@x/token-cache-core/provider";

export const PROVIDER = "naver-commerce";

/** Options of {@link createNaverCommerceAuth}. Missing credentials are read from environment variables at the first request. */
export type NaverCommerceAuthOptions = NaverApplicationOptions & (NaverSelfOptions | NaverSellerOptions);

/** Options for tokens of either type. */
export interface NaverApplicationOptions extends TokenAuthOptions, CredentialsOptions<keyof NaverApplication> {
  /** The application's id. Default: `NAVER_COMMERCE_CLIENT_ID`. */
  readonly clientId?: string | undefined;
  /** The application's secret, which is a bcrypt salt. Default: `NAVER_COMMERCE_CLIENT_SECRET`. */
  readonly clientSecret?: string | undefined;
  /** Default: Naver's token endpoint. */
  readonly tokenUrl?: string | undefined;
  /** The start of API URLs. Default `https://api.commerce.naver.com/external`. An agency's ends in `/partner`. */
  readonly apiBaseUrl?: string | undefined;
  /** A faster bcrypt than the built-in JavaScript one, for instance the `hash` of the package `bcrypt`. */
  readonly bcryptHash?: BcryptHash | undefined;
}

/** A bcrypt implementation. It returns the hash of a password with a salt: `$2a$04$…`, 60 characters long. */
export type BcryptHash = (password: string, salt: string) => string | Promise<string>;

/** Options for tokens of the application's own resources. */
export interface NaverSelfOptions {
  readonly type?: "SELF" | undefined;
  readonly accountId?: never;
}

/** Options for tokens of a seller's resources. The seller must have given the application consent. */
export interface NaverSellerOptions {
  readonly type: "SELLER";
  /** The seller's id or uid. Default: `NAVER_COMMERCE_ACCOUNT_ID`. */
  readonly accountId?: string | undefined;
}

/** Whose resources a token is for. */
export type ResourceType = "SELF" | "SELLER";

/** An application's id and secret. */
export interface NaverApplication {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A cost of 12 takes a third of a second. Naver's secrets have cost 4, and its documents' example has 10. */
const HIGHEST_COST = 12;

/** In this form, every shell and every loader of `.env` files gives the secret or the same text (case 53). */
const SECRET_FORM =
  "In a .env file or a shell, write a backslash before each $ and no quotes: " +
  "NAVER_COMMERCE_CLIENT_SECRET=\\$2a\\$04\\$… Otherwise $ signs may be expanded as variables.";

const CREDENTIALS = {
  clientId: { variable: "NAVER_COMMERCE_CLIENT_ID" },
  clientSecret: { variable: "NAVER_COMMERCE_CLIENT_SECRET", advice: SECRET_FORM, parse: clientSecretOf },
} satisfies CredentialFields<keyof NaverApplication>;

/** The emulator's paths and credentials, for `COMMERCE_AUTH_EMULATOR`. */
export const EMULATOR = {
  realApiBaseUrls: ["https://api.commerce.naver.com/external"],
  tokenPath: "/naver/external/v1/oauth2/token",
  apiPath: "/naver/external",
  credentials: { clientId: "emulatedNaverClient001", clientSecret: "$2a$04$abcdefghijklmnopqrstuv" },
} satisfies ProviderOnEmulator<NaverCommerceAuthOptions>;

/** Checks the options. Missing credentials are read from environment variables later, when they are needed. */
export function readOptions(given: NaverCommerceAuthOptions) {
  const options = emulatedOptions(PROVIDER, checkAuthOptions(PROVIDER, given), EMULATOR);
  const {
    type = "SELF",
    tokenUrl = "https://api.commerce.naver.com/external/v1/oauth2/token",
    apiBaseUrl = "https://api.commerce.naver.com/external",
  } = options;
  if (type !== "SELF" && type !== "SELLER") {
    throw invalidOption(PROVIDER, 'The option type must be "SELF" or "SELLER", in capitals.');
  }
  if (type === "SELF" && options.accountId !== undefined) {
    throw invalidOption(PROVIDER, 'The option accountId needs the type "SELLER". Naver punishes it with "SELF".');
  }
  if (options.bcryptHash !== undefined && typeof options.bcryptHash !== "function") {
    throw invalidOption(PROVIDER, "The option bcryptHash must be a function.");
  }
  const accountId = checkString(PROVIDER, "accountId", options.accountId);
  // Read once: the cache key and every token request must use the same account (case 10).
  let account: string | undefined;
  return {
    ...options,
    type,
    tokenUrl: checkUrl(PROVIDER, "tokenUrl", tokenUrl),
    apiBaseUrl: checkUrl(PROVIDER, "apiBaseUrl", apiBaseUrl),
    credentials: readCredentials(PROVIDER, options, CREDENTIALS),
    accountId(): string | undefined {
      if (type === "SELF") return undefined;
      account ??= credential(PROVIDER, "accountId", accountId, "NAVER_COMMERCE_ACCOUNT_ID");
      return account;
    },
  };
}

/**
 * The client secret, without the backslashes that a `.env` file needs. A bcrypt salt has none. The check comes before
 * hashing: for a truncated salt, bcrypt implementations throw unclear errors, and some accept a longer one.
 *
 * @throws TokenError `invalid_options` that describes the text and shows nothing of it
 */
function clientSecretOf(text: string): string {
  const secret = text.replaceAll("\\$", "$");
  const [, cost] = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{22}$/.exec(secret) ?? [];
  if (cost === undefined) {
    throw invalidOption(
      PROVIDER,
      `The client secret must be the 29 characters that Naver shows, beginning with $2a$. This one ${described(text)}. ` +
        SECRET_FORM,
    );
  }
  if (Number(cost) < 4 || Number(cost) > HIGHEST_COST) {
    throw invalidOption(
      PROVIDER,
      `The client secret's bcrypt cost must be from 04 to ${HIGHEST_COST}; Naver's own is 04.`,
    );
  }
  return secret;
}

/** What tells a person how a secret was damaged, without any of its characters. */
function described(text: string): string {
  const start = ["$2a$", "\\$2a\\$"].find((each) => text.startsWith(each));
  const parts = [
    `has ${text.length} characters`,
    start === undefined ? "does not begin with $2a$" : `begins with ${start}`,
    text.includes("\\") && "contains backslashes",
    /["'`]/.test(text) && "contains quotes",
    /\s/.test(text) && "contains white space",
  ];
  return parts.filter((part) => part !== false).join(", ");
}
