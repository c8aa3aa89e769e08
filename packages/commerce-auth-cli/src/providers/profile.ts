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

/** Where a provider is. */
export interface Target {
  readonly tokenUrl: string;
  readonly apiBaseUrl: string;
  /** The emulator's origin, if `COMMERCE_AUTH_EMULATOR` directs everything to it. */
  readonly emulator?: string | undefined;
}

/** How a client of the provider is made. */
export interface AuthInit {
  readonly credentials: Credentials;
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
  /** Its test hosts. */
  readonly testTarget?: Target;
  /** Whether a question of `--probe` takes so long that it needs `--slow`. */
  readonly hasSlowQuestion?: boolean;
  readonly places: Readonly<Record<Place, Text>>;
  createAuth(init: AuthInit): TokenAuth;
  reads(credentials: Credentials): readonly ApiRead[];
  /** Headers of API calls besides the token. */
  headers(credentials: Credentials): Readonly<Record<string, string>>;
}

/** The options that every provider's package takes. */
export function commonOptions({ target, cache, fetch, timeoutMs }: AuthInit) {
  const { tokenUrl, apiBaseUrl } = target;
  return { tokenUrl, apiBaseUrl, cache, fetch, timeoutMs };
}
