import type { TokenCacheLike, TokenErrorCode } from "@x/token-cache-core";
import type { TokenAuth } from "@x/token-cache-core/provider";
import type { Answer } from "../answers/recorder.ts";
import type { Finding } from "../findings/finding.ts";
import type { ConsolePage } from "../findings/verdict.ts";
import type { VerdictId } from "../findings/verdicts/verdicts.ts";
import type { Text } from "../language.ts";
import type { Prober } from "../probe/prober.ts";
import type { ProbeAnswer } from "../probe/questions.ts";
import type { CredentialField, Credentials } from "./credentials.ts";

/** The names of the providers on the command line. */
export const PROVIDER_NAMES = ["toss", "naver", "iamport"] as const;

/** One of the providers. */
export type ProviderName = (typeof PROVIDER_NAMES)[number];

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

/** The lifetime of a new token, in seconds, and what it tells. */
export interface Lifetime {
  readonly seconds: number;
  readonly verdict: VerdictId;
}

/** All that the command knows of one provider, besides the words of verdicts and questions. */
export interface ProviderProfile {
  readonly name: ProviderName;
  readonly title: Text;
  readonly fields: readonly CredentialField[];
  readonly target: Target;
  /** Its test hosts. */
  readonly testTarget?: Target;
  readonly consolePages: Readonly<Record<ConsolePage, Text>>;
  createAuth(init: AuthInit): TokenAuth;

  /** Headers of API calls besides the token. */
  headers(credentials: Credentials): Readonly<Record<string, string>>;
  reads(credentials: Credentials): readonly ApiRead[];
  /** What an answer to a read means, if its HTTP status does not tell. */
  readVerdict(answer: Answer, code: string): VerdictId | undefined;

  readonly lifetimes: readonly Lifetime[];
  /** Whether a token request returns the earlier token, with the rest of its lifetime. */
  readonly returnsEarlierToken: boolean;
  /** The lifetime in an answer, in seconds. NaN: there is none. */
  lifetimeIn(body: unknown): number;
  /** Why there is no token, if the error code of the provider's package does not tell. */
  refusalVerdict?(body: unknown, errorCode: TokenErrorCode | undefined): VerdictId | undefined;

  readonly documentedLimits: Text;
  /** What the headers of API answers tell of rate, quota and penalty. */
  limitFindings?(answers: readonly Answer[]): readonly Finding[];
  /** Whether an answer says that all further calls of this period are refused. */
  isQuotaUsedUp?(answer: Answer): boolean;

  /** Asks what the documents leave open. Every request is of the documented form. */
  probe(prober: Prober, isSlow: boolean): Promise<readonly ProbeAnswer[]>;
  /** Whether a question of `--probe` takes so long that it needs `--slow`. */
  readonly hasSlowQuestion?: boolean;
  /** What a few requests cannot answer, so that nobody waits for it. */
  readonly neverAsked: Text;
}

/** The options that every provider's package takes. */
export function commonOptions({ target, cache, fetch, timeoutMs }: AuthInit) {
  const { tokenUrl, apiBaseUrl } = target;
  return { tokenUrl, apiBaseUrl, cache, fetch, timeoutMs };
}
