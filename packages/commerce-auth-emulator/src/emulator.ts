import type { Fault } from "./faults/fault.ts";
import type { IamportAccount, IamportRules } from "./iamport/options.ts";
import type { NaverApplication, NaverRules } from "./naver/options.ts";
import type { SecretRotation } from "./provider/accepted-credentials.ts";
import type { Endpoint, Provider } from "./provider/provider.ts";
import type { AfterRevocation } from "./provider/token-ledger.ts";
import type { JournalEntry } from "./server/journal.ts";
import type { ClockOptions, VirtualClock } from "./server/virtual-clock.ts";
import type { TossRules, TossSeller } from "./toss/options.ts";

/** Options of `startEmulator`. */
export interface EmulatorOptions {
  /** The port to listen on. Default: 0, any free port. */
  port?: number;
  /**
   * The address to listen on. Default: "127.0.0.1". An address that other machines can reach, such as "0.0.0.0" in a
   * container, needs `allowedHosts`.
   */
  host?: string;
  /**
   * The names that clients use for this machine besides `localhost` and loopback addresses, without a port. For example
   * `["emulator"]` in Docker Compose. The control routes refuse every other `Host`. There is no password. Every program
   * that reaches the emulator by such a name controls it: the journal, faults and the clock. Default: none.
   */
  allowedHosts?: readonly string[];
  /** The server's time. Default: the real time. */
  clock?: ClockOptions;
  /** Toss Shopping's credentials and rules. */
  toss?: TossRules;
  /** The Naver Commerce API's credentials and rules. */
  naver?: NaverRules;
  /** iamport's credentials and rules. */
  iamport?: IamportRules;
  /** Whether answers have a `Date` header with the server's time. Default: true. */
  dateHeader?: boolean;
  /** The least number of journal entries to keep; the oldest are dropped first. Default: 10000. */
  journalLimit?: number;
  /** Random numbers, from 0 up to 1, for faults with a `share`. Default: `Math.random`. */
  random?: () => number;
}

/** The URLs of one emulated provider, and credentials that it accepts. */
export interface ProviderAddress<Credentials, ClientOptions = object> {
  /** The emulated token endpoint. */
  readonly tokenUrl: string;
  /** The beginning of all API URLs, without a slash at the end. */
  readonly apiBaseUrl: string;
  /** The first of the configured credentials, after a rotation with the new secret. */
  readonly credentials: Credentials;
  /** The URLs and the credentials as options of this repository's client: `createNaverCommerceAuth(naver.options)`. */
  readonly options: { readonly tokenUrl: string; readonly apiBaseUrl: string } & ClientOptions;
}

/** Where a running emulator and its providers are. */
export interface EmulatorUrls {
  /** E.g. `http://127.0.0.1:49152`. */
  readonly origin: string;
  /** The emulated Toss Shopping. */
  readonly toss: ProviderAddress<TossSeller & { solutionCode: string }, TossSeller & { solutionCode: string }>;
  /** The emulated Naver Commerce API. Its `options` are those of `SELF`; for a seller add `type` and `accountId`. */
  readonly naver: ProviderAddress<NaverApplication & { accountId: string }, NaverApplication>;
  /** The emulated iamport. */
  readonly iamport: ProviderAddress<IamportAccount, IamportAccount>;
}

/** A running emulator. */
export interface Emulator extends EmulatorUrls, AsyncDisposable {
  /** The server's time. It decides every expiry, window and rate limit. */
  readonly clock: VirtualClock;
  /** The requests that arrived, oldest first, without those to the control routes. */
  readonly journal: readonly JournalEntry[];
  /**
   * Activates a fault.
   *
   * @returns a function that removes it
   * @throws InvalidInputError that names the wrong field
   */
  fault(fault: Fault): () => void;
  /** Removes every fault. */
  clearFaults(): void;
  /** The number of requests that reached an endpoint, including those affected by faults. */
  requestCount(endpoint: Endpoint): number;
  /** The number of requests that a provider's limits refused: rate, hidden rate, quota and concurrency. */
  limitedCount(endpoint: Endpoint): number;
  /** The number of different tokens that a provider has issued. */
  issuedCount(provider: Provider): number;
  /**
   * Makes the API routes refuse a token from now on. Without a value and a `tokenId`, all tokens that have not expired.
   * `reissue`: what the token endpoint issues afterwards, a new token (default) or the refused token again.
   *
   * @returns the number of tokens that are now refused
   */
  revoke(provider: Provider, tokenValue?: string, options?: { tokenId?: string; reissue?: AfterRevocation }): number;
  /**
   * Gives a provider's first credentials a new secret, as an operator does in its console. `credentials` and `options` of
   * the provider have it from now on. Tokens stay valid: see {@link Emulator.revoke}.
   *
   * @returns the new secret
   * @throws InvalidInputError if the provider accepts any credentials
   */
  rotateSecret(provider: Provider, rotation?: SecretRotation): string;
  /** Removes tokens, faults, journal, counters, rate limits, penalties and rotations, and resets the clock. */
  reset(): void;
  /** Stops listening and closes every connection, including hung ones. Can be called again. */
  close(): Promise<void>;
}
