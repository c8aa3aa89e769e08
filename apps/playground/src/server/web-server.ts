import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Provider } from "@x/commerce-auth-emulator";
import { act, isActionName } from "./actions.ts";
import { PROVIDERS } from "./clients.ts";
import type { Playground } from "./playground.ts";

const PAGE_FOLDER = new URL("../page/", import.meta.url);
const HOST = "127.0.0.1";

const FILES: Readonly<Record<string, { file: string; type: string }>> = {
  "/": { file: "index.html", type: "text/html" },
  "/page.css": { file: "page.css", type: "text/css" },
  "/page.js": { file: "page.js", type: "text/javascript" },
  "/card.js": { file: "card.js", type: "text/javascript" },
  "/life-bar.js": { file: "life-bar.js", type: "text/javascript" },
};

/** The page loads nothing from other origins, and no other page may frame it. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

/** Changes in quick succession are sent together. */
const GATHER_MS = 50;
const TICK_MS = 1_000;

/** Serves the page on loopback, streams the state to it, and runs the actions of its buttons. */
export class WebServer implements AsyncDisposable {
  readonly origin: string;
  readonly #playground: Playground;
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #ticker: ReturnType<typeof setInterval>;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  /** @throws an `EADDRINUSE` error where the port is taken */
  static async listen(playground: Playground, port: number): Promise<WebServer> {
    const server = createServer();
    server.listen(port, HOST);
    await once(server, "listening");
    return new WebServer(playground, server);
  }

  private constructor(playground: Playground, server: Server) {
    this.origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
    this.#playground = playground;
    this.#server = server;
    server.on("request", (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    playground.onChange = () => {
      this.#gathering ??= setTimeout(() => this.#send(), GATHER_MS);
    };
    this.#ticker = setInterval(() => this.#send(), TICK_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticker);
    clearTimeout(this.#gathering);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", this.origin);
    // Refuse pages of other origins, and DNS rebinding: a foreign host name that resolves to loopback.
    if (!this.#isFromHere(request)) return end(response, 403, "Open this page under the address that it printed.");
    if (request.method === "GET" && pathname === "/events") return this.#stream(response);
    if (request.method === "POST" && pathname === "/actions") return this.#act(request, response);
    const found = request.method === "GET" ? FILES[pathname] : undefined;
    if (found === undefined) return end(response, 404, "There is nothing here.");
    response.writeHead(200, { ...HEADERS, "Content-Type": `${found.type}; charset=utf-8` });
    response.end(await readFile(new URL(found.file, PAGE_FOLDER)));
  }

  #isFromHere({ headers }: IncomingMessage): boolean {
    const hosts = [new URL(this.origin).host, `localhost:${new URL(this.origin).port}`];
    const isOurHost = hosts.includes(headers.host ?? "");
    return isOurHost && (headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`));
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
    response.write(this.#message());
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  #send(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#streams.size === 0) return;
    const message = this.#message();
    for (const stream of this.#streams) stream.write(message);
  }

  #message(): string {
    return `data: ${JSON.stringify(this.#playground.snapshot())}\n\n`;
  }

  async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { action, provider } = await readJson(request);
    if (!isActionName(action)) return end(response, 400, "There is no such action.");
    if (provider !== undefined && !isProvider(provider)) return end(response, 400, "There is no such provider.");
    await act(this.#playground, action, provider);
    end(response, 200);
  }
}

const LARGEST_BODY_BYTES = 1_024;

/** Accepts JSON only: a form on another site cannot send it. */
async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (request.headers["content-type"] !== "application/json") return {};
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LARGEST_BODY_BYTES) return {};
  }
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}

function isProvider(name: unknown): name is Provider {
  return PROVIDERS.some((provider) => provider === name);
}

function end(response: ServerResponse, status: number, text = ""): void {
  response.writeHead(status, { ...HEADERS, "Content-Type": "text/plain; charset=utf-8" });
  response.end(text);
}
