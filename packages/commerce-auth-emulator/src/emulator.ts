import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { booleanValue, InvalidInputError, integerBetween, nonEmptyString, recordOf } from "./checks.ts";
import { CONTROL_PATH, createControl } from "./control.ts";
import { type Fault, FaultBoard } from "./faults.ts";
import { jsonAnswer, sendAnswer } from "./http.ts";
import { IamportEmulation } from "./iamport.ts";
import { IAMPORT_CREDENTIALS, type IamportAccount, type IamportRules } from "./iamport-rules.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import { NaverEmulation } from "./naver.ts";
import { NAVER_CREDENTIALS, type NaverApplication, type NaverRules } from "./naver-rules.ts";
import type { Endpoint, Provider, ProviderEmulation } from "./provider.ts";
import { handleRequest } from "./request-handling.ts";
import type { AfterRevocation } from "./token-ledger.ts";
import { TossEmulation } from "./toss.ts";
import { TOSS_CREDENTIALS, type TossRules, type TossSeller } from "./toss-rules.ts";
import { type ClockOptions, VirtualClock } from "./virtual-clock.ts";

/** How an emulator starts. */
export interface EmulatorOptions {
  /** The port to listen on. Default: 0, any free one. */
  port?: number;
  /** The address to listen on. Default: "127.0.0.1". Any address but a loopback one also needs `allowRemote`. */
  host?: string;
  /**
   * Allows a `host` that other machines can reach. Whoever reaches it can then read the journal, set faults and move the
   * clock: there is no password. Default: false.
   */
  allowRemote?: boolean;
  /** The server's time. Default: the real one. */
  clock?: ClockOptions;
  /** Toss Shopping's credentials and rules. */
  toss?: TossRules;
  /** The Naver Commerce API's credentials and rules. */
  naver?: NaverRules;
  /** iamport's credentials and rules. */
  iamport?: IamportRules;
  /** Whether answers carry a `Date` header of the server's time. Default: true. */
  dateHeader?: boolean;
  /** How many journal entries are kept at least; older ones go. Default: 10000. */
  journalLimit?: number;
  /** Draws for faults with a `share`: from 0 up to 1. Default: `Math.random`. */
  random?: () => number;
}

/** Where a provider is emulated, and what it accepts. */
export interface ProviderAddress<Credentials> {
  /** Stands for the provider's token endpoint. */
  readonly tokenUrl: string;
  /** Stands for what the provider's API URLs begin with. No slash at the end. */
  readonly apiBaseUrl: string;
  /** Credentials it accepts: the first of those configured. */
  readonly credentials: Credentials;
}

/** A running emulator. */
export interface Emulator extends AsyncDisposable {
  /** E.g. `http://127.0.0.1:49152`. */
  readonly origin: string;
  readonly toss: ProviderAddress<TossSeller & { solutionCode: string }>;
  readonly naver: ProviderAddress<NaverApplication & { accountId: string }>;
  readonly iamport: ProviderAddress<IamportAccount>;
  /** The server's time: every expiry, window and limit goes by it. */
  readonly clock: VirtualClock;
  /** What arrived, oldest first. Control requests are not in it. */
  readonly journal: readonly JournalEntry[];
  /** Sets a fault and returns what removes it. Throws an `InvalidInputError` that names a wrong field. */
  fault(fault: Fault): () => void;
  /** Removes every fault. */
  clearFaults(): void;
  /** How many requests reached an endpoint, those struck by faults included. */
  requestCount(endpoint: Endpoint): number;
  /** How many distinct tokens a provider has issued. */
  issuedCount(provider: Provider): number;
  /**
   * Makes the API routes refuse a token from now on; without a value (and without `tokenId`) all unexpired ones.
   * `reissue` says what the token endpoint does when asked again: a new token (default), or the refused one again.
   * Returns how many tokens it refused.
   */
  revoke(provider: Provider, tokenValue?: string, options?: { tokenId?: string; reissue?: AfterRevocation }): number;
  /** Forgets tokens, faults, journal, counters, limits and penalties; the clock goes back to how it started. */
  reset(): void;
  /** Stops listening and ends every connection, hung ones too. Can be called again. */
  close(): Promise<void>;
}

/** Starts an emulator of the three providers. Rejects where an option is wrong or the port is taken. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host, port } = checkedAddress(options);
  const clock = new VirtualClock(options.clock);
  const toss = new TossEmulation(options.toss ?? {}, clock);
  const naver = new NaverEmulation(options.naver ?? {}, clock);
  const iamport = new IamportEmulation(options.iamport ?? {}, clock);
  const providers: Record<Provider, ProviderEmulation> = { toss, naver, iamport };
  const faults = new FaultBoard(options.random ?? Math.random);
  const journal = new Journal(
    integerBetween("journalLimit", options.journalLimit ?? 10_000, 1, Number.MAX_SAFE_INTEGER),
  );
  const dateHeader = booleanValue("dateHeader", options.dateHeader ?? true);
  const requests = new Map<Endpoint, number>();
  const closing = new AbortController();

  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  const origin = originOf(server.address() as AddressInfo);

  const address = <Credentials>(provider: ProviderEmulation, credentials: Credentials) => ({
    tokenUrl: origin + provider.tokenPath,
    apiBaseUrl: origin + provider.apiPath,
    credentials,
  });
  let closed: Promise<void> | undefined;

  const emulator: Emulator = {
    origin,
    toss: address(toss, tossCredentials(toss)),
    naver: address(naver, naverCredentials(naver)),
    iamport: address(iamport, firstOf(iamport.rules.accounts) ?? { ...IAMPORT_CREDENTIALS }),
    clock,
    get journal() {
      return journal.entries;
    },
    fault(fault) {
      const { id } = faults.add(fault);
      return () => void faults.remove(id);
    },
    clearFaults: () => faults.clear(),
    requestCount: (endpoint) => requests.get(endpoint) ?? 0,
    issuedCount: (provider) => providers[provider].ledger.issuedCount,
    revoke(provider, tokenValue, { tokenId, reissue = "new-token" } = {}) {
      const match = {
        ...(tokenValue === undefined ? {} : { value: tokenValue }),
        ...(tokenId === undefined ? {} : { id: tokenId }),
      };
      return providers[provider].ledger.revoke(match, clock.now(), reissue);
    },
    reset() {
      for (const provider of Object.values(providers)) provider.reset();
      faults.clear();
      journal.clear();
      requests.clear();
      clock.reset();
    },
    close() {
      closed ??= new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
    async [Symbol.asyncDispose]() {
      await emulator.close();
    },
  };

  const handling = {
    clock,
    providers,
    faults,
    journal,
    dateHeader,
    count: (endpoint: Endpoint) => void requests.set(endpoint, (requests.get(endpoint) ?? 0) + 1),
    closing: closing.signal,
    control: createControl(emulator, faults),
    controlPath: CONTROL_PATH,
  };
  server.on("request", (incoming, response) => {
    handleRequest(handling, incoming, response).catch((error: unknown) => {
      // A predicate of the caller's may throw; the test that waits for the answer should read why.
      if (closing.signal.aborted || response.headersSent) response.socket?.destroy();
      else sendAnswer(response, jsonAnswer(500, { error: `the emulator failed: ${String(error)}` }));
    });
  });
  return emulator;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const OPTIONS = [
  "port",
  "host",
  "allowRemote",
  "clock",
  "toss",
  "naver",
  "iamport",
  "dateHeader",
  "journalLimit",
  "random",
];

function checkedAddress(options: EmulatorOptions): { host: string; port: number } {
  recordOf("options", options, OPTIONS);
  const host = nonEmptyString("host", options.host ?? "127.0.0.1");
  if (!LOOPBACK.test(host) && !booleanValue("allowRemote", options.allowRemote ?? false)) {
    throw new InvalidInputError(
      "host",
      `${host} can be reached from other machines, which could then read the journal and change the emulator; ` +
        "allowRemote: true (--allow-remote) says that this is meant",
    );
  }
  return { host, port: integerBetween("port", options.port ?? 0, 0, 65_535) };
}

function originOf({ address, family, port }: AddressInfo): string {
  const reachable = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  return `http://${family === "IPv6" ? `[${reachable}]` : reachable}:${port}`;
}

function tossCredentials({ rules }: TossEmulation): TossSeller & { solutionCode: string } {
  return {
    ...(firstOf(rules.sellers) ?? TOSS_CREDENTIALS),
    solutionCode: firstOf(rules.solutionCodes) ?? TOSS_CREDENTIALS.solutionCode,
  };
}

function naverCredentials({ rules }: NaverEmulation): NaverApplication & { accountId: string } {
  const accounts = typeof rules.accounts === "function" ? "any" : rules.accounts;
  return {
    ...(firstOf(rules.applications) ?? NAVER_CREDENTIALS),
    accountId: firstOf(accounts) ?? NAVER_CREDENTIALS.accountId,
  };
}

function firstOf<Item>(list: readonly Item[] | "any"): Item | undefined {
  return list === "any" ? undefined : list[0];
}
