import { connectionGuide } from "../connection-guide.ts";
import type { Emulator, EmulatorUrls, ProviderAddress } from "../emulator.ts";
import type { FaultBoard } from "../faults/fault-board.ts";
import { booleanValue, InvalidInputError, integerBetween, nonEmptyString, oneOf, recordOf } from "../input-checks.ts";
import { ENDPOINTS, type Endpoint, PROVIDERS } from "../provider/provider.ts";
import { accessProblem } from "./access-check.ts";
import { type Answer, jsonAnswer, parseJson, type ReceivedRequest } from "./http-message.ts";

/** The beginning of all control routes. */
const CONTROL_PATH = "/_emulator";

const ROUTES = {
  "GET /": "URLs and routes",
  "GET /clock": "the server's time",
  "POST /clock": '{"frozen": boolean, "set": epochMs, "skew": ms, "advance": ms}, any of them, applied in this order',
  "GET /faults": "the active faults",
  "POST /faults": '{"endpoint": "naver.api", "kind": "status", "status": 503, "times": 1}',
  "DELETE /faults": "removes all",
  "DELETE /faults/:id": "removes one",
  "GET /journal": "the requests that arrived; ?endpoint=naver.token&last=10",
  "GET /counters": "requests and requests refused by limits per endpoint, tokens issued per provider",
  "POST /revoke":
    '{"provider": "naver", "token" or "tokenId": one of them or neither, "reissue": "new-token" | "same-token"}',
  "POST /rotate-secret":
    '{"provider": "naver", "overlapMs": 60000}: a new secret; the earlier ones die after the overlap',
  "POST /reset": "removes tokens, faults, journal, counters, penalties and rotations, and resets the clock",
};

type Handler = (request: ReceivedRequest, parameter: string) => Answer;

/** The routes that control the emulator, for shells and other languages: everything that an `Emulator` object does. */
export class ControlRoutes {
  readonly #handlers: Readonly<Record<string, Handler>>;
  readonly #emulator: Emulator;
  readonly #allowedHosts: ReadonlySet<string>;

  constructor(emulator: Emulator, faults: FaultBoard, allowedHosts: ReadonlySet<string>) {
    this.#handlers = handlersOf(emulator, faults);
    this.#emulator = emulator;
    this.#allowedHosts = allowedHosts;
  }

  /** Whether a path is a control route, or the start page. */
  owns(path: string): boolean {
    return path === "/" || path === CONTROL_PATH || path.startsWith(`${CONTROL_PATH}/`);
  }

  answer(request: ReceivedRequest): Answer {
    const refusal = accessProblem(request.headers, this.#allowedHosts);
    if (refusal !== undefined) return problem(403, refusal);
    if (request.path === "/") return this.#startPage(request);
    // A form on a page of another site can send everything but JSON.
    if (request.method === "POST" && request.mediaType !== "application/json") {
      return problem(415, "The content type must be application/json.");
    }
    const path = request.path.slice(CONTROL_PATH.length).replace(/\/$/, "");
    const parameter = /^\/faults\/([^/]+)$/.exec(path)?.[1];
    const handler = this.#handlers[`${request.method} ${parameter === undefined ? path : "/faults/"}`];
    if (handler === undefined) {
      return problem(404, `There is no control route ${request.method} ${request.path}.`, { routes: ROUTES });
    }
    try {
      return handler(request, parameter ?? "");
    } catch (error) {
      if (error instanceof InvalidInputError) return problem(400, error.message, { field: error.field });
      throw error;
    }
  }

  #startPage({ method, headers }: ReceivedRequest): Answer {
    if (method !== "GET") return problem(405, "Use GET.", {}, { Allow: "GET" });
    const body = connectionGuide(reachedAs(this.#emulator, headers.host));
    return { status: 200, headers: { "Content-Type": "text/plain;charset=UTF-8" }, body };
  }
}

function handlersOf(emulator: Emulator, faults: FaultBoard): Readonly<Record<string, Handler>> {
  return {
    "GET ": ({ headers }) => jsonAnswer(200, overview(reachedAs(emulator, headers.host))),
    "GET /clock": () => jsonAnswer(200, emulator.clock.state()),
    "POST /clock": (request) => moveClock(emulator, bodyOf(request)),
    "GET /faults": () => jsonAnswer(200, faults.active),
    "POST /faults": (request) => jsonAnswer(201, faults.add(bodyOf(request))),
    "DELETE /faults": () => {
      faults.clear();
      return jsonAnswer(200, faults.active);
    },
    "DELETE /faults/": (_request, id) =>
      faults.remove(Number(id)) ? jsonAnswer(200, faults.active) : problem(404, `There is no fault with the id ${id}.`),
    "GET /journal": (request) => jsonAnswer(200, selectedEntries(emulator, request.query)),
    "GET /counters": () => jsonAnswer(200, counters(emulator)),
    "POST /revoke": (request) => revoke(emulator, bodyOf(request)),
    "POST /rotate-secret": (request) => rotateSecret(emulator, bodyOf(request)),
    "POST /reset": () => {
      emulator.reset();
      return jsonAnswer(200, counters(emulator));
    },
  };
}

/**
 * The URLs under the host that the client used. It differs from the emulator's in a container or behind a forwarded
 * port.
 */
function reachedAs({ origin, toss, naver, iamport }: Emulator, host: string | undefined): EmulatorUrls {
  const clientOrigin = host === undefined ? origin : new URL(`http://${host}`).origin;
  const moved = <Address extends ProviderAddress<object>>(address: Address): Address => ({
    ...address,
    tokenUrl: address.tokenUrl.replace(origin, clientOrigin),
    apiBaseUrl: address.apiBaseUrl.replace(origin, clientOrigin),
  });
  return { origin: clientOrigin, toss: moved(toss), naver: moved(naver), iamport: moved(iamport) };
}

function overview(urls: EmulatorUrls) {
  const addresses = PROVIDERS.map((provider) => {
    const { tokenUrl, apiBaseUrl, credentials } = urls[provider];
    return [provider, { tokenUrl, apiBaseUrl, credentials }];
  });
  return { origin: urls.origin, ...Object.fromEntries(addresses), routes: ROUTES };
}

function moveClock({ clock }: Emulator, body: unknown): Answer {
  const { set, skew, advance, frozen } = recordOf("clock", body, ["frozen", "set", "skew", "advance"]);
  // Check all before applying one: a refused request changes nothing.
  const steps = [
    frozen === undefined
      ? undefined
      : booleanValue("clock.frozen", frozen)
        ? () => clock.freeze()
        : () => clock.resume(),
    set === undefined ? undefined : timeStep("clock.set", set, (epochMs) => clock.set(epochMs)),
    skew === undefined ? undefined : timeStep("clock.skew", skew, (ms) => clock.skew(ms)),
    advance === undefined ? undefined : timeStep("clock.advance", advance, (ms) => clock.advance(ms)),
  ];
  for (const step of steps) step?.();
  return jsonAnswer(200, clock.state());
}

function timeStep(field: string, value: unknown, apply: (ms: number) => void): () => void {
  const ms = integerBetween(field, value, -MAX_TIME_MS, MAX_TIME_MS);
  return () => apply(ms);
}

/** The range of a JavaScript date. */
const MAX_TIME_MS = 8.64e15;

function selectedEntries({ journal }: Emulator, query: URLSearchParams) {
  const endpoint = query.get("endpoint");
  const last = query.get("last");
  const choice = endpoint === null ? undefined : oneOf("journal.endpoint", endpoint, [...ENDPOINTS, "unknown"]);
  const count = last === null ? undefined : integerBetween("journal.last", Number(last), 1, Number.MAX_SAFE_INTEGER);
  const entries = journal.filter((entry) => choice === undefined || entry.endpoint === choice);
  return count === undefined ? entries : entries.slice(-count);
}

function counters(emulator: Emulator) {
  const perEndpoint = (count: (endpoint: Endpoint) => number) =>
    Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, count(endpoint)]));
  return {
    requests: perEndpoint((endpoint) => emulator.requestCount(endpoint)),
    limited: perEndpoint((endpoint) => emulator.limitedCount(endpoint)),
    issued: Object.fromEntries(PROVIDERS.map((provider) => [provider, emulator.issuedCount(provider)])),
  };
}

function revoke(emulator: Emulator, body: unknown): Answer {
  const { provider, token, tokenId, reissue } = recordOf("revoke", body, ["provider", "token", "tokenId", "reissue"]);
  const revoked = emulator.revoke(
    oneOf("revoke.provider", provider, PROVIDERS),
    token === undefined ? undefined : nonEmptyString("revoke.token", token),
    {
      ...(tokenId === undefined ? {} : { tokenId: nonEmptyString("revoke.tokenId", tokenId) }),
      ...(reissue === undefined ? {} : { reissue: oneOf("revoke.reissue", reissue, ["new-token", "same-token"]) }),
    },
  );
  return jsonAnswer(200, { revoked });
}

function rotateSecret(emulator: Emulator, body: unknown): Answer {
  const { provider, ...rotation } = recordOf("rotateSecret", body, ["provider", "overlapMs"]);
  const secret = emulator.rotateSecret(oneOf("rotateSecret.provider", provider, PROVIDERS), rotation);
  return jsonAnswer(200, { secret });
}

function bodyOf(request: ReceivedRequest): unknown {
  const body = parseJson(request.body.toString("utf8"));
  if (body === undefined) throw new InvalidInputError("body", "must be JSON");
  return body;
}

function problem(status: number, error: string, more: object = {}, headers: Record<string, string> = {}): Answer {
  return jsonAnswer(status, { error, ...more }, headers);
}
