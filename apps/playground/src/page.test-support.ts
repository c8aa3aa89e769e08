// What the tests of the page share: one browser, and for each test a server of its own.

import { findChromium } from "@x/testing/chromium";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { BrowserPage } from "./browser.test-support.ts";
import { pageFaults } from "./page-faults.test-support.ts";
import { Show } from "./server/show.ts";
import { WebServer } from "./server/web-server.ts";

const chromium = findChromium();
if (chromium === undefined) {
  const message = "Chromium is not there (CHROMIUM, or chromium on the PATH): the page is not tested.";
  if (process.env["CI"]) throw new Error(message);
  console.warn(message);
}

export const LONGEST_MS = 120_000;
const DESKTOP = { width: 1_280, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Of the test that runs. */
export let show: Show;
export let page: BrowserPage;
let server: WebServer;

/** Tests of the page in a real browser. Each fails if the page writes an error to the console. */
export function describePage(name: string, tests: () => void): void {
  describe.skipIf(chromium === undefined)(name, { timeout: LONGEST_MS }, () => {
    beforeAll(async () => {
      page = await BrowserPage.open(chromium ?? "", "about:blank");
    }, LONGEST_MS);

    afterAll(() => page[Symbol.asyncDispose](), LONGEST_MS);

    beforeEach(async () => {
      show = await Show.emulated();
      server = await WebServer.listen(show, 0);
      await page.view(DESKTOP);
    }, LONGEST_MS);

    afterEach(async () => {
      await page.send("Page.navigate", { url: "about:blank" });
      // Leaving a page closes its stream of events.
      const problems = page.problems.splice(0).filter((each) => !each.includes("net::ERR_ABORTED"));
      await server[Symbol.asyncDispose]();
      await show[Symbol.asyncDispose]();
      expect(problems).toEqual([]);
    }, LONGEST_MS);

    tests();
  });
}

/** Opens the page again. `hash`: the chapter, or `#play`. */
export async function open(hash = ""): Promise<void> {
  await page.send("Page.navigate", { url: "about:blank" });
  await page.send("Page.navigate", { url: `${server.origin}/${hash}` });
  await page.until("document.querySelector('main :is(button)')");
}

/** Waits until the text of what a selector finds is the wanted one. */
export function has(selector: string, pattern: RegExp): Promise<void> {
  return page.until(`${pattern}.test(document.querySelector(${JSON.stringify(selector)})?.innerText ?? "")`);
}

export function card(provider: string, selector = ""): string {
  return `[data-provider=${provider}] ${selector}`.trim();
}

export function press(provider: string, action: string): Promise<void> {
  return page.click(card(provider, `[data-action=${action}]`));
}

export function outcomeIs(provider: string, pattern: RegExp): Promise<void> {
  return has(card(provider, ".outcome"), pattern);
}

export function stateIs(provider: string, state: string): Promise<void> {
  return page.until(
    `document.querySelector(${JSON.stringify(card(provider))}).dataset.state === ${JSON.stringify(state)}`,
  );
}

/** Checks the page in both languages, wide and narrow, dark and light. */
export async function faultsInEveryView(): Promise<string[]> {
  const faults: string[] = [];
  for (const language of ["en", "ko"]) {
    await page.click(`[data-language=${language}]`);
    for (const size of [DESKTOP, PHONE]) {
      for (const scheme of ["light", "dark"] as const) {
        await page.view(size, scheme);
        const found = await page.evaluate<string[]>(`(${pageFaults})("${language}")`);
        faults.push(...found.map((fault) => `${language} ${size.width} ${scheme}: ${fault}`));
      }
    }
  }
  await page.view(DESKTOP);
  await page.click("[data-language=en]");
  return faults;
}
