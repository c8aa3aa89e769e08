// A real Chromium, driven over the DevTools protocol: enough to click and to look.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HEADLESS_FLAGS } from "@x/testing/chromium";

const LONGEST_WAIT_MS = 20_000;

/** One page in a browser of its own. */
export class BrowserPage implements AsyncDisposable {
  /** Console errors, uncaught exceptions and requests that failed. */
  readonly problems: string[] = [];
  readonly #browser: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #lastId = 0;
  #sessionId: string | undefined;

  static async open(chromium: string, url: string): Promise<BrowserPage> {
    const profile = await mkdtemp(join(tmpdir(), "playground-browser-"));
    const browser = spawn(chromium, ["--remote-debugging-port=0", ...HEADLESS_FLAGS, `--user-data-dir=${profile}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const socket = new WebSocket(await debuggerUrl(browser));
    await once(socket, "open");
    const page = new BrowserPage(browser, profile, socket);
    await page.#attach(url);
    return page;
  }

  private constructor(browser: ChildProcess, profile: string, socket: WebSocket) {
    this.#browser = browser;
    this.#profile = profile;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(String(data))));
  }

  /** Clicks what a selector finds, with the mouse. */
  async click(selector: string): Promise<void> {
    const find = `document.querySelector(${JSON.stringify(selector)})`;
    await this.until(`${find} && !${find}.disabled`);
    const { x, y } = await this.evaluate<{ x: number; y: number }>(`(() => {
      ${find}.scrollIntoView({ block: "center" });
      const { x, y, width, height } = ${find}.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    }
  }

  /** Presses a key: `Tab`, `Enter`. */
  async key(key: "Tab" | "Enter"): Promise<void> {
    const code = { Tab: 9, Enter: 13 }[key];
    const text = key === "Enter" ? { text: "\r" } : {};
    const event = { key, code: key, windowsVirtualKeyCode: code };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event, ...text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Sets the window's size, and dark or light. A narrow window is a phone's. Resolves after the new layout. */
  async view({ width, height }: { width: number; height: number }, scheme: "light" | "dark" = "light"): Promise<void> {
    const mobile = width < 640;
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile });
    await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    await this.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))");
  }

  /** The visible text of what a selector finds. */
  text(selector: string): Promise<string> {
    return this.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`);
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send<{ result: { value: T }; exceptionDetails?: { text: string } }>(
      "Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true },
    );
    if (exceptionDetails !== undefined) throw new Error(`${exceptionDetails.text}: ${expression}`);
    return result.value;
  }

  /** Waits until an expression is true in the page. */
  async until(expression: string, longestMs = LONGEST_WAIT_MS): Promise<void> {
    const giveUpAt = performance.now() + longestMs;
    while (!(await this.evaluate<boolean>(`Boolean(${expression})`))) {
      if (performance.now() > giveUpAt) throw new Error(`not true within ${longestMs} ms: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  send<T = unknown>(method: string, params: object = {}): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#answers.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#sessionId }));
    return answer as Promise<T>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#browser, "exit");
    this.#socket.close();
    this.#browser.kill("SIGTERM");
    const timer = setTimeout(() => this.#browser.kill("SIGKILL"), 3_000);
    await ended;
    clearTimeout(timer);
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #attach(url: string): Promise<void> {
    const { targetId } = await this.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
    const attached = await this.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    this.#sessionId = attached.sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.send(`${domain}.enable`);
    await this.send("Page.navigate", { url });
  }

  #receive(message: { id?: number; method?: string; params?: object; result?: unknown; error?: { message: string } }) {
    if (message.id !== undefined) {
      const answer = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (message.error === undefined) answer?.resolve(message.result);
      else answer?.reject(new Error(message.error.message));
      return;
    }
    const { method, params } = message as { method: string; params: Record<string, { level?: string; type?: string }> };
    const isProblem =
      method === "Runtime.exceptionThrown" ||
      method === "Network.loadingFailed" ||
      (method === "Log.entryAdded" && params["entry"]?.level === "error") ||
      (method === "Runtime.consoleAPICalled" && String(params["type"]) === "error");
    if (isProblem) this.problems.push(`${method}: ${JSON.stringify(params)}`);
  }
}

/** Chromium prints its DevTools address on stderr. */
async function debuggerUrl(browser: ChildProcess): Promise<string> {
  if (browser.stderr === null) throw new Error("Chromium's stderr is not piped");
  for await (const line of createInterface(browser.stderr)) {
    const url = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      browser.stderr.resume();
      return url;
    }
  }
  throw new Error("Chromium ended before it could be driven");
}
