import type { TokenCacheLike } from "@x/token-cache-core";
import type { TokenAuth } from "@x/token-cache-core/provider";
import type { Text } from "../language.ts";

/** The names of the providers on the command line. */
export const PROVIDER_NAMES = ["toss", "naver", "iamport"] as const;

/** One of the three providers. */
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** What a user types to be known by the provider. */
export interface CredentialField {
  readonly name: string;
  /** The environment variable, the same as the provider's package reads. */
  readonly variable: string;
  readonly label: Text;
  readonly isSecret: boolean;
  /** Without it the provider still issues a token. */
  readonly isOptional?: boolean;
}

/** The credentials by the fields' names. */
export type Credentials = Readonly<Record<string, string>>;

/** Where to click. */
export type Place = "keys" | "addresses" | "permissions" | "sellers" | "support";

/** One harmless read, which shows whether a group of API calls is granted. */
export interface ApiRead {
  readonly group: Text;
  /** Below the API's base URL. */
  readonly path: string;
}

/** What is said of a provider besides its credentials. */
export interface Target {
  readonly tokenUrl: string;
  readonly apiBaseUrl: string;
  /** The emulator's origin, if `COMMERCE_AUTH_EMULATOR` directs everything to it. */
  readonly emulator?: string | undefined;
}

/** How a client of the provider is made. */
export interface AuthInit {
  /** Undefined: the provider's package brings the emulator's own. */
  readonly credentials: Credentials | undefined;
  readonly target: Target;
  readonly cache: TokenCacheLike;
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
}

/** All that the command knows of one provider, as data. */
export interface ProviderProfile {
  readonly name: ProviderName;
  readonly title: Text;
  readonly fields: readonly CredentialField[];
  readonly target: Target;
  /** Toss has test hosts. */
  readonly testTarget?: Target;
  readonly places: Readonly<Record<Place, Text>>;
  createAuth(init: AuthInit): TokenAuth;
  reads(credentials: Credentials | undefined): readonly ApiRead[];
  /** Headers of API calls besides the token. */
  headers(credentials: Credentials | undefined): Readonly<Record<string, string>>;
}

/** The options that every provider's package takes. */
export function commonOptions({ target, cache, fetch, timeoutMs }: AuthInit) {
  // With the emulator's variable set, the package finds the URLs itself.
  const urls = target.emulator === undefined ? { tokenUrl: target.tokenUrl, apiBaseUrl: target.apiBaseUrl } : {};
  return { ...urls, cache, fetch, timeoutMs };
}
