import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Emulator, EmulatorOptions } from "./emulator.ts";
import { FaultBoard } from "./faults/fault-board.ts";
import { IdleConnections } from "./faults/idle-connections.ts";
import { IamportEmulation } from "./iamport/iamport.ts";
import { IAMPORT_CREDENTIALS } from "./iamport/rules.ts";
import { booleanValue, InvalidInputError, integerBetween, nonEmptyString, recordOf, shown } from "./input-checks.ts";
import { NaverEmulation } from "./naver/naver.ts";
import { NAVER_CREDENTIALS, type NaverApplication } from "./naver/rules.ts";
import type { Endpoint, Provider, ProviderEmulation } from "./provider/provider.ts";
import { ControlRoutes } from "./server/control-routes.ts";
import { handleRequest } from "./server/handle-request.ts";
import { jsonAnswer, sendAnswer } from "./server/http-message.ts";
import { Journal } from "./server/journal.ts";
import { isLoopback, normalizedHost } from "./server/local-access.ts";
import { VirtualClock } from "./server/virtual-clock.ts";
import { TOSS_CREDENTIALS, type TossSeller } from "./toss/rules.ts";
import { TossEmulation } from "./toss/toss.ts";

/**
 * Starts an emulator of the three providers.
 *
 * @throws InvalidInputError that names the wrong option
 * @throws Error `EADDRINUSE` if the port is in use
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host, port, allowedHosts } = checkedAddress(options);
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
  const requests = new EndpointCounter();
  const limited = new EndpointCounter();
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
    requestCount: (endpoint) => requests.of(endpoint),
    limitedCount: (endpoint) => limited.of(endpoint),
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
      limited.clear();
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
    idleConnections: new IdleConnections(),
    journal,
    dateHeader,
    count: (endpoint: Endpoint) => requests.add(endpoint),
    countLimited: (endpoint: Endpoint) => limited.add(endpoint),
    closing: closing.signal,
    control: new ControlRoutes(emulator, faults, allowedHosts),
  };
  server.on("request", (incoming, response) => {
    handleRequest(handling, incoming, response).catch((error: unknown) => {
      // A function from the options may throw: tell the test that waits for the answer.
      if (closing.signal.aborted || response.headersSent) response.socket?.destroy();
      else sendAnswer(response, jsonAnswer(500, { error: `The emulator failed: ${String(error)}` }));
    });
  });
  return emulator;
}

/** Counts requests per endpoint. */
class EndpointCounter {
  readonly #counts = new Map<Endpoint, number>();

  add(endpoint: Endpoint): void {
    this.#counts.set(endpoint, this.of(endpoint) + 1);
  }

  of(endpoint: Endpoint): number {
    return this.#counts.get(endpoint) ?? 0;
  }

  clear(): void {
    this.#counts.clear();
  }
}

const OPTIONS = [
  "port",
  "host",
  "allowedHosts",
  "clock",
  "toss",
  "naver",
  "iamport",
  "dateHeader",
  "journalLimit",
  "random",
];

function checkedAddress(options: EmulatorOptions) {
  recordOf("options", options, OPTIONS);
  const host = nonEmptyString("host", options.host ?? "127.0.0.1");
  const allowedHosts = checkedHosts(options.allowedHosts ?? []);
  if (!isLoopback(host) && allowedHosts.size === 0) {
    throw new InvalidInputError(
      "host",
      `other machines can reach ${host}. They can then read the journal and change the emulator, without a password. ` +
        'To allow it, name the hosts that they may use: allowedHosts: ["emulator"], --allow-host emulator',
    );
  }
  return { host, port: integerBetween("port", options.port ?? 0, 0, 65_535), allowedHosts };
}

function checkedHosts(hosts: unknown): ReadonlySet<string> {
  if (!Array.isArray(hosts)) throw new InvalidInputError("allowedHosts", `must be a list, got ${shown(hosts)}`);
  return new Set(
    hosts.map((name: unknown, index) => {
      const field = `allowedHosts[${index}]`;
      const host = normalizedHost(nonEmptyString(field, name));
      if (host === undefined)
        throw new InvalidInputError(field, `must be a host name without a port, got ${shown(name)}`);
      return host;
    }),
  );
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
