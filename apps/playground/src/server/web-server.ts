import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import type { Show } from "./show.ts";
import { TimelineGatherer } from "./timeline-gatherer.ts";

/** Where `vite build` puts the page. */
const PAGE_FOLDER = new URL("../../dist/page/", import.meta.url);
const HOST = "127.0.0.1";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
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
  readonly #show: Show;
  readonly #files: Files;
  readonly #timelines = new TimelineGatherer();
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #ticker: ReturnType<typeof setInterval>;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  /** @throws an `EADDRINUSE` error if the port is taken */
  static async listen(show: Show, port: number): Promise<WebServer> {
    const files = await builtFiles();
    const server = createServer();
    server.listen(port, HOST);
    await once(server, "listening");
    return new WebServer(show, server, files);
  }

  private constructor(show: Show, server: Server, files: Files) {
    this.origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
    this.#show = show;
    this.#server = server;
    this.#files = files;
    server.on("request", (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    const sendSoon = () => {
      this.#gathering ??= setTimeout(() => this.#send(), GATHER_MS);
    };
    show.onChange = sendSoon;
    show.onTimeline = (part) => {
      this.#timelines.add(part);
      sendSoon();
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
    const found = request.method === "GET" ? this.#files.get(pathname) : undefined;
    if (found === undefined) return end(response, 404, "There is nothing here.");
    response.writeHead(200, { ...HEADERS, "Content-Type": `${found.type}; charset=utf-8` });
    response.end(await readFile(found.url));
  }

  #isFromHere({ headers }: IncomingMessage): boolean {
    const hosts = [new URL(this.origin).host, `localhost:${new URL(this.origin).port}`];
    const isOurHost = hosts.includes(headers.host ?? "");
    return isOurHost && (headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`));
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
    response.write(this.#state());
    for (const part of this.#show.timelines()) response.write(message("timeline", part));
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  #send(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const parts = this.#timelines.take();
    if (this.#streams.size === 0) return;
    const messages = parts.map((part) => message("timeline", part)).join("") + this.#state();
    for (const stream of this.#streams) stream.write(messages);
  }

  #state(): string {
    return message("message", this.#show.snapshot());
  }

  async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const problem = await this.#show.carryOut(await readJson(request));
    end(response, problem === undefined ? 200 : 400, problem);
  }
}

/** The page's files by their paths. */
type Files = ReadonlyMap<string, { readonly url: URL; readonly type: string }>;

/** @throws an error that says how to build the page */
async function builtFiles(): Promise<Files> {
  const names = await readdir(PAGE_FOLDER, { recursive: true }).catch((): string[] => []);
  if (!names.includes("index.html")) throw new Error("The page is not built. Run: pnpm --filter playground build");
  const files = names.flatMap((name) => {
    const type = TYPES[extname(name)];
    const path = `/${name.replaceAll("\\", "/")}`;
    return type === undefined ? [] : [[path, { url: new URL(`.${path}`, PAGE_FOLDER), type }] as const];
  });
  const byPath = new Map(files);
  const index = byPath.get("/index.html");
  return index === undefined ? byPath : byPath.set("/", index);
}

function message(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
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

function end(response: ServerResponse, status: number, text = ""): void {
  response.writeHead(status, { ...HEADERS, "Content-Type": "text/plain; charset=utf-8" });
  response.end(text);
}
