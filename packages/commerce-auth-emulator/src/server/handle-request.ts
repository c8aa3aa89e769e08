import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../faults/fault.ts";
import { changedAnswer, httpDate, replacementAnswer } from "../faults/fault-answers.ts";
import type { DrawnFaults, FaultBoard } from "../faults/fault-board.ts";
import {
  type Endpoint,
  endpointOf,
  PROVIDERS,
  type Provider,
  type ProviderEmulation,
  type Side,
} from "../provider/provider.ts";
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
import type { Journal } from "./journal.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What handling a request needs to know and to write down. */
export interface Handling {
  readonly clock: VirtualClock;
  readonly providers: Readonly<Record<Provider, ProviderEmulation>>;
  readonly faults: FaultBoard;
  readonly journal: Journal;
  readonly dateHeader: boolean;
  /** Called when a request's headers have arrived. */
  readonly count: (endpoint: Endpoint) => void;
  /** Called when a provider's limit has refused a request. */
  readonly countLimited: (endpoint: Endpoint) => void;
  /** Aborted when the emulator closes: ends the waiting of delayed answers. */
  readonly closing: AbortSignal;
  readonly control: (request: ReceivedRequest) => Answer;
  readonly controlPath: string;
}

/** The two halves of a request's target. */
type Target = Pick<ReceivedRequest, "path" | "query">;

/** Where a path leads. */
interface Route {
  readonly provider: ProviderEmulation;
  readonly side: Side;
  readonly endpoint: Endpoint;
}

/** Takes a request from its arrival to its answer: count, draw faults, read, write down, handle, change, send. */
export async function handleRequest(
  handling: Handling,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = targetOf(incoming.url ?? "/");
  const route = routeOf(target.path, handling.providers);
  const at = handling.clock.now();
  if (route !== undefined) handling.count(route.endpoint);
  const drawn = route === undefined ? NO_FAULTS : handling.faults.draw(route.endpoint);

  const request = await received(incoming, target, response);
  if (request === undefined) return;
  if (isControl(target.path, handling.controlPath)) {
    return sendAnswer(response, dated(handling, handling.control(request), handling.clock.now()));
  }

  const struck = [drawn.replacing, ...drawn.changing].filter((fault) => fault !== undefined);
  const entry = handling.journal.record(request, route?.endpoint ?? "unknown", {
    at,
    offForm: route?.side === "token" ? route.provider.offForm(request) : [],
    faults: struck.map((fault) => fault.kind),
  });
  if (route === undefined) {
    entry.status = 404;
    const unknown = jsonAnswer(404, { error: `no emulated provider has the path ${request.path}` });
    return sendAnswer(response, dated(handling, unknown, at));
  }

  await delay(drawn, "request", handling.closing);
  const answer = await answerOf(handling, route, request, drawn);
  await delay(drawn, "answer", handling.closing);
  if (answer === "hang") return;
  if (answer === "cut") {
    response.socket?.destroy();
    return;
  }
  entry.status = answer.status;
  entry.limitedBy = answer.limitedBy;
  if (answer.limitedBy !== undefined) handling.countLimited(route.endpoint);
  if (drawn.replacing?.kind === "cut") return sendHalf(response, answer);
  const declareLength = drawn.changing.every((fault) => fault.kind !== "huge" || (fault.declareLength ?? true));
  sendAnswer(response, answer, declareLength);
}

const NO_FAULTS: DrawnFaults = { replacing: undefined, changing: [] };

/** A target may name a host as well, where the client takes the emulator for its proxy: the path decides alone. */
function targetOf(url: string): Target {
  const [path = "/", ...query] = url.replace(/^https?:\/\/[^/?]*/i, "").split("?");
  return { path, query: new URLSearchParams(query.join("?")) };
}

function isControl(path: string, controlPath: string): boolean {
  return path === controlPath || path.startsWith(`${controlPath}/`);
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

/** The whole request; undefined where the client gave up while sending, or sent too much and has been told so. */
async function received(
  incoming: IncomingMessage,
  target: Target,
  response: ServerResponse,
): Promise<ReceivedRequest | undefined> {
  try {
    return {
      method: incoming.method ?? "GET",
      ...target,
      headers: incoming.headers,
      mediaType: mediaTypeOf(incoming.headers),
      body: await readBody(incoming),
    };
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      sendAnswer(response, jsonAnswer(413, { error: "the body is too large" }, { Connection: "close" }));
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
  const now = handling.clock.now();
  const answer = replaced ?? (await handle());
  const unchanged = dated(handling, answer, now);
  return changing.reduce((changed, fault) => changedAnswer(changed, fault, provider, now), unchanged);
}

function dated({ dateHeader }: Handling, answer: Answer, now: number): Answer {
  // A status fault may bring a Date of its own.
  return dateHeader ? { ...answer, headers: { Date: httpDate(now), ...answer.headers } } : answer;
}

/** Not one header leaves. */
function isSilent(fault: Fault): fault is Extract<Fault, { kind: "hang" | "cut" }> {
  return fault.kind === "hang" || (fault.kind === "cut" && fault.when !== "mid-body");
}
