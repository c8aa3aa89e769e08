import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../faults/fault.ts";
import { changedAnswer, httpDate, replacementAnswer } from "../faults/fault-answers.ts";
import type { DrawnFaults, FaultBoard } from "../faults/fault-board.ts";
import type { IdleConnections } from "../faults/idle-connections.ts";
import {
  type Endpoint,
  endpointOf,
  PROVIDERS,
  type Provider,
  type ProviderEmulation,
  type Side,
} from "../provider/provider.ts";
import type { ControlRoutes } from "./control-routes.ts";
import {
  type Answer,
  BodyTooLargeError,
  jsonAnswer,
  mediaTypeOf,
  type ReceivedRequest,
  readBody,
  sendAnswer,
  sendHalf,
} from "./http-message.ts";
import { issuedTokenId, type Journal } from "./journal.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** The parts of the emulator that handle a request. */
export interface Handling {
  readonly clock: VirtualClock;
  readonly providers: Readonly<Record<Provider, ProviderEmulation>>;
  readonly faults: FaultBoard;
  readonly idleConnections: IdleConnections;
  readonly journal: Journal;
  readonly dateHeader: boolean;
  /** Called when a request's headers have arrived. */
  readonly count: (endpoint: Endpoint) => void;
  /** Called when a provider's limit has refused a request. */
  readonly countLimited: (endpoint: Endpoint) => void;
  /** Aborted when the emulator closes: ends the delays of faults. */
  readonly closing: AbortSignal;
  readonly control: ControlRoutes;
}

/** The path and the query of a request. */
type Target = Pick<ReceivedRequest, "path" | "query">;

/** The provider's endpoint that a path belongs to. */
interface Route {
  readonly provider: ProviderEmulation;
  readonly side: Side;
  readonly endpoint: Endpoint;
}

/** Token requests and control requests are small. */
const MAX_SMALL_BODY_BYTES = 64 * 1024;
/** Enough for every documented API call, image uploads included. */
const MAX_API_BODY_BYTES = 16 * 1024 * 1024;

/** Handles a request from its arrival to its answer. */
export async function handleRequest(
  handling: Handling,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (handling.idleConnections.loses(incoming.socket)) return;
  const target = targetOf(incoming.url ?? "/");
  const route = routeOf(target.path, handling.providers);
  if (route !== undefined) return handleProviderRequest(handling, route, target, incoming, response);

  const at = handling.clock.now();
  const request = await received(incoming, target, response, MAX_SMALL_BODY_BYTES);
  if (request === undefined) return;
  if (handling.control.owns(target.path)) {
    const answer = handling.control.answer(request);
    return sendAnswer(response, dated(handling, answer, handling.clock.now()));
  }
  const entry = handling.journal.record(request, "unknown", { at, accessToken: undefined, offForm: [], faults: [] });
  entry.status = 404;
  const unknown = jsonAnswer(404, { error: `No emulated provider has this path. GET / lists the URLs.` });
  sendAnswer(response, dated(handling, unknown, at));
}

/** Counts, draws faults, reads, writes the journal entry, handles, changes and sends. */
async function handleProviderRequest(
  handling: Handling,
  route: Route,
  target: Target,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = handling.clock.now();
  handling.count(route.endpoint);
  const drawn = handling.faults.draw(route.endpoint);
  const maxBytes = route.side === "token" ? MAX_SMALL_BODY_BYTES : MAX_API_BODY_BYTES;
  const request = await received(incoming, target, response, maxBytes);
  if (request === undefined) return;
  const entry = handling.journal.record(request, route.endpoint, {
    at,
    accessToken: route.provider.accessToken(request.headers),
    offForm: route.side === "token" ? route.provider.offForm(request) : [],
    faults: [drawn.replacing, ...drawn.changing].filter((fault) => fault !== undefined).map((fault) => fault.kind),
  });

  await delay(drawn, "request", handling.closing);
  const answer = await answerOf(handling, route, request, drawn);
  await delay(drawn, "answer", handling.closing);
  if (answer === "hang") return;
  if (answer === "cut") {
    response.socket?.destroy();
    return;
  }
  for (const fault of drawn.changing) {
    if (fault.kind === "idle-close") handling.idleConnections.closeAfter(response, fault);
  }
  entry.status = answer.status;
  entry.limitedBy = answer.limitedBy;
  if (route.side === "token") entry.issuedTokenId = issuedTokenId(answer.body);
  if (answer.limitedBy !== undefined) handling.countLimited(route.endpoint);
  if (drawn.replacing?.kind === "cut") return sendHalf(response, answer);
  const declareLength = drawn.changing.every((fault) => fault.kind !== "huge" || (fault.declareLength ?? true));
  sendAnswer(response, answer, declareLength);
}

/** A client that uses the emulator as its proxy also sends a host. Only the path counts. */
function targetOf(url: string): Target {
  const [path = "/", ...query] = url.replace(/^https?:\/\/[^/?]*/i, "").split("?");
  return { path, query: new URLSearchParams(query.join("?")) };
}

function routeOf(path: string, providers: Handling["providers"]): Route | undefined {
  for (const name of PROVIDERS) {
    const provider = providers[name];
    const side: Side = path === provider.tokenPath ? "token" : "api";
    if (side === "token" || path.startsWith(`${provider.apiPath}/`)) {
      return { provider, side, endpoint: endpointOf(name, side) };
    }
  }
  return undefined;
}

/** The complete request; undefined if the client gave up, or if it sent too much and got a 413. */
async function received(
  incoming: IncomingMessage,
  target: Target,
  response: ServerResponse,
  maxBytes: number,
): Promise<ReceivedRequest | undefined> {
  try {
    return {
      method: incoming.method ?? "GET",
      ...target,
      headers: incoming.headers,
      mediaType: mediaTypeOf(incoming.headers),
      body: await readBody(incoming, maxBytes),
    };
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      const tooLarge = { error: `The body is too large: at most ${maxBytes} bytes are read here.` };
      sendAnswer(response, jsonAnswer(413, tooLarge, { Connection: "close" }));
    }
    return undefined;
  }
}

async function delay({ changing }: DrawnFaults, hold: "request" | "answer", closing: AbortSignal): Promise<void> {
  for (const fault of changing) {
    if (fault.kind !== "delay" || (fault.hold ?? "answer") !== hold) continue;
    await wait(fault.ms, undefined, { signal: closing });
  }
}

async function answerOf(
  handling: Handling,
  { provider, side }: Route,
  request: ReceivedRequest,
  { replacing, changing }: DrawnFaults,
): Promise<Answer | "hang" | "cut"> {
  const handle = () =>
    side === "token" ? provider.token(request) : provider.api(request, request.path.slice(provider.apiPath.length));

  if (replacing !== undefined && isSilent(replacing)) {
    if (replacing.handled === true) await handle();
    return replacing.kind;
  }
  const replaced = replacing === undefined ? undefined : replacementAnswer(replacing, side, provider);
  const answer = replaced ?? (await handle());
  const now = handling.clock.now();
  const unchanged = dated(handling, answer, now);
  return changing.reduce((changed, fault) => changedAnswer(changed, fault, provider, now), unchanged);
}

function dated({ dateHeader }: Handling, answer: Answer, now: number): Answer {
  // A status fault can set a Date of its own.
  return dateHeader ? { ...answer, headers: { Date: httpDate(now), ...answer.headers } } : answer;
}

/** A fault that sends no header at all. */
function isSilent(fault: Fault): fault is Extract<Fault, { kind: "hang" | "cut" }> {
  return fault.kind === "hang" || (fault.kind === "cut" && fault.when !== "mid-body");
}
