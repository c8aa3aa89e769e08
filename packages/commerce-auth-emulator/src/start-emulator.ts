import { createServer, type Server } from "node:http";
import type { Emulator, EmulatorOptions } from "./emulator.ts";
import { type Emulations, emulatorUrls } from "./emulator-urls.ts";
import { FaultBoard } from "./faults/fault-board.ts";
import { IdleConnections } from "./faults/idle-connections.ts";
import { IamportEmulation } from "./iamport/iamport.ts";
import { booleanValue, integerBetween, numberFrom, recordOf } from "./input-checks.ts";
import { NaverEmulation } from "./naver/naver.ts";
import { EndpointCounter } from "./provider/endpoint-counter.ts";
import { type Endpoint, PROVIDERS } from "./provider/provider.ts";
import { ControlRoutes } from "./server/control-routes.ts";
import { type Handling, handleRequest } from "./server/handle-request.ts";
import { jsonAnswer, sendAnswer } from "./server/http-message.ts";
import { Journal } from "./server/journal.ts";
import { checkedListenAddress, listen } from "./server/listen-address.ts";
import { VirtualClock } from "./server/virtual-clock.ts";
import { TossEmulation } from "./toss/toss.ts";

const OPTIONS: readonly (keyof EmulatorOptions)[] = [
  "port",
  "host",
  "allowedHosts",
  "clock",
  ...PROVIDERS,
  "dateHeader",
  "journalLimit",
  "random",
];

/**
 * Starts an emulator of all providers.
 *
 * @throws InvalidInputError that names the wrong option
 * @throws Error `EADDRINUSE` if the port is in use
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  recordOf("options", options, OPTIONS);
  const address = checkedListenAddress(options);
  const parts = createParts(options);
  const server = createServer();
  const emulator = joined(parts, server, await listen(server, address));
  const control = new ControlRoutes(emulator, parts.faults, address.allowedHosts);
  serve(server, { ...parts, control, closing: parts.closing.signal });
  return emulator;
}

type Parts = ReturnType<typeof createParts>;

/** Everything that needs no server. */
function createParts(options: EmulatorOptions) {
  const clock = new VirtualClock(options.clock);
  const providers: Emulations = {
    toss: new TossEmulation(options.toss ?? {}, clock),
    naver: new NaverEmulation(options.naver ?? {}, clock),
    iamport: new IamportEmulation(options.iamport ?? {}, clock),
  };
  const journalLimit = integerBetween("journalLimit", options.journalLimit ?? 10_000, 1, Number.MAX_SAFE_INTEGER);
  const requests = new EndpointCounter();
  const limited = new EndpointCounter();
  return {
    clock,
    providers,
    faults: new FaultBoard(options.random ?? Math.random),
    idleConnections: new IdleConnections(),
    journal: new Journal(journalLimit),
    dateHeader: booleanValue("dateHeader", options.dateHeader ?? true),
    requests,
    limited,
    count: (endpoint: Endpoint) => requests.add(endpoint),
    countLimited: (endpoint: Endpoint) => limited.add(endpoint),
    closing: new AbortController(),
  };
}

/** The emulator as its user sees it. */
function joined(parts: Parts, server: Server, origin: string): Emulator {
  const { clock, providers, faults, journal, requests, limited, closing } = parts;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= new Promise((resolve) => {
      closing.abort();
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closed;
  };
  return {
    ...emulatorUrls(origin, providers),
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
    revoke: (provider, value, { tokenId, reissue = "new-token" } = {}) =>
      providers[provider].ledger.revoke({ value, id: tokenId }, clock.now(), reissue),
    rotateSecret(provider, rotation = {}) {
      const { overlapMs = 0 } = recordOf("rotateSecret", rotation, ["overlapMs"]);
      return providers[provider].accepted.rotate(clock.now(), numberFrom("rotateSecret.overlapMs", overlapMs, 0));
    },
    reset() {
      for (const provider of Object.values(providers)) provider.reset();
      for (const part of [faults, journal, requests, limited]) part.clear();
      clock.reset();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function serve(server: Server, handling: Handling): void {
  server.on("request", (incoming, response) => {
    handleRequest(handling, incoming, response).catch((error: unknown) => {
      // A function from the options may throw: tell the test that waits for the answer.
      if (handling.closing.aborted || response.headersSent) response.socket?.destroy();
      else sendAnswer(response, jsonAnswer(500, { error: `The emulator failed: ${String(error)}` }));
    });
  });
}
