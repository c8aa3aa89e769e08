// A token endpoint with settable behaviour, in a process of its own: it shares no event loop with what is measured.
//
// The first segment of a path names a space, with its own behaviour and counts:
//   POST /SPACE/token                                   OAuth 2, as a form
//   POST /SPACE/users/getToken                          iamport's envelope
//   POST /SPACE/app/installations/1/access_tokens       GitHub's
//   GET  /SPACE/api, /SPACE/payments/api                an API that requires a token
//   GET, POST /SPACE/_space                             reads the counts; sets the behaviour

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Behaviour, SpaceState } from "./token-endpoint.ts";

interface Space extends SpaceState {
  behaviour: Behaviour;
  /** The `Authorization` header that the API refuses. */
  refused: string | undefined;
}

const spaces = new Map<string, Space>();
let issued = 0;

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 4_096, () => process.send?.({ port: (server.address() as AddressInfo).port }));
// The parent is gone.
process.on("disconnect", () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const [, name = "", ...rest] = pathname.split("/");
  const path = rest.join("/");
  const space = spaceOf(name);
  if (path === "_space") {
    if (request.method === "POST") Object.assign(space.behaviour, JSON.parse(await textOf(request)));
    const { tokenRequests, apiRequests, tokenRequestTimes } = space;
    return send(response, 200, { tokenRequests, apiRequests, tokenRequestTimes });
  }
  if (path === "api" || path.startsWith("payments/")) return answerApi(request, response, space);
  await textOf(request);
  space.tokenRequests++;
  space.tokenRequestTimes.push(performance.timeOrigin + performance.now());
  const { kind, delayMs } = space.behaviour;
  if (delayMs > 0) await sleep(delayMs);
  switch (kind) {
    case "ok":
      return issue(response, space, path);
    case "fail":
      return send(response, 500, { error: "server_error", message: "unavailable", code: -1 });
    case "hang":
      return;
    case "html":
      response.writeHead(200, { "content-type": "text/html" });
      return response.end("<!doctype html><title>Maintenance</title><p>We are back soon.</p>");
    case "error-with-200":
      return send(response, 200, {
        error: "temporarily_unavailable",
        code: -1,
        message: "unavailable",
        response: null,
      });
    case "bad-credentials":
      return send(response, 401, { error: "invalid_client", code: -1, message: "unknown client", response: null });
    case "limit-once":
      space.behaviour.kind = "ok";
      response.setHeader("retry-after", "2");
      return send(response, 429, { error: "rate_limited", code: -1, message: "too many", response: null });
  }
}

function issue(response: ServerResponse, space: Space, path: string): unknown {
  issued++;
  const value = `token-${issued}-${"x".repeat(100)}`;
  const seconds = space.behaviour.lifetimeSeconds;
  const nowMs = Date.now() + space.behaviour.clockOffsetMs;
  const nowSeconds = Math.floor(nowMs / 1_000);
  if (path === "users/getToken") {
    const token = { access_token: value, now: nowSeconds, expired_at: nowSeconds + seconds };
    return send(response, 200, { code: 0, message: null, response: token });
  }
  if (path.startsWith("app/installations")) {
    const expires_at = new Date(nowMs + seconds * 1_000).toISOString();
    return send(response, 201, { token: value, expires_at, permissions: {}, repository_selection: "all" });
  }
  return send(response, 200, { access_token: value, token_type: "Bearer", expires_in: seconds });
}

/** With `refusesFirstToken`, the API refuses the first token that it receives, and no other. */
function answerApi(request: IncomingMessage, response: ServerResponse, space: Space): unknown {
  space.apiRequests++;
  if (space.behaviour.refusesFirstToken) {
    const given = request.headers.authorization ?? "";
    space.refused ??= given;
    if (given === space.refused) return send(response, 401, { code: -1, message: "bad token", response: null });
  }
  return send(response, 200, { code: 0, message: "ok", response: { value: 1 }, resultType: "SUCCESS" });
}

function spaceOf(name: string): Space {
  let space = spaces.get(name);
  if (space === undefined) {
    space = {
      behaviour: {
        kind: "ok",
        delayMs: 0,
        lifetimeSeconds: 3_600,
        clockOffsetMs: 0,
        refusesFirstToken: false,
      },
      refused: undefined,
      tokenRequests: 0,
      apiRequests: 0,
      tokenRequestTimes: [],
    };
    spaces.set(name, space);
  }
  return space;
}

function send(response: ServerResponse, status: number, body: object): unknown {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  return response.end(text);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
