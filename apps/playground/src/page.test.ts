import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BrowserPage, findChromium } from "./browser.test-support.ts";
import { CHAPTER_IDS } from "./chapters/chapter-ids.ts";
import { pageFaults } from "./page-faults.test-support.ts";
import { findRedisProgram } from "./processes/redis-server.ts";
import { Show } from "./server/show.ts";
import { WebServer } from "./server/web-server.ts";

const chromium = findChromium();
if (chromium === undefined) {
  const message = "Chromium is not there (CHROMIUM, or chromium on the PATH): the page is not tested.";
  if (process.env["CI"]) throw new Error(message);
  console.warn(message);
}

const LONGEST_MS = 120_000;
const hasRedis = findRedisProgram(process.env) !== undefined;
const CHAPTERS = CHAPTER_IDS.filter((id) => hasRedis || id !== "redis-killed");
const DESKTOP = { width: 1_280, height: 900 };
const PHONE = { width: 390, height: 844 };

describe.skipIf(chromium === undefined)("the page in a real browser", { timeout: LONGEST_MS }, () => {
  let show: Show;
  let server: WebServer;
  let page: BrowserPage;

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
    // A page that is left closes its stream of events.
    const problems = page.problems.splice(0).filter((each) => !each.includes("net::ERR_ABORTED"));
    await server[Symbol.asyncDispose]();
    await show[Symbol.asyncDispose]();
    expect(problems).toEqual([]);
  }, LONGEST_MS);

  const open = async (hash = "") => {
    await page.send("Page.navigate", { url: `${server.origin}/${hash}` });
    await page.until("document.querySelector('main :is(button)')");
  };
  const card = (provider: string, selector = "") => `[data-provider=${provider}] ${selector}`.trim();
  const press = (provider: string, action: string) => page.click(card(provider, `[data-action=${action}]`));
  const has = (selector: string, pattern: RegExp) =>
    page.until(`${pattern}.test(document.querySelector(${JSON.stringify(selector)})?.innerText ?? "")`);
  const outcomeIs = (provider: string, pattern: RegExp) => has(card(provider, ".outcome"), pattern);
  const stateIs = (provider: string, state: string) =>
    page.until(`document.querySelector(${JSON.stringify(card(provider))}).dataset.state === ${JSON.stringify(state)}`);

  /** Looks at the page in both languages, wide and narrow, dark and light. */
  const faultsInEveryView = async () => {
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
  };

  describe("the story", () => {
    it.each(CHAPTERS)(
      "plays the chapter %s, and says with its numbers what happened",
      async (id) => {
        await open(`#${id}`);
        expect(await page.text("#chapter .before")).toMatch(/\.$/);
        await page.click("[data-action=play]");
        await page.until("document.querySelector('#chapter').dataset.state === 'played'", LONGEST_MS);
        const outcome = show.snapshot().story?.outcomes[id];
        expect(outcome?.held).toBe(true);
        for (const [side, tally] of Object.entries(outcome?.tallies ?? {})) {
          expect(await page.text(`[data-side=${side}] [data-fact=requests]`)).toBe(tally.requests.toLocaleString("en"));
          expect(await page.text(`[data-side=${side}] [data-fact=failed]`)).toBe(
            `${tally.failed.toLocaleString("en")} of ${tally.calls.toLocaleString("en")}`,
          );
        }
        expect(await page.text("#chapter .after[role=status]")).toBe(outcome?.after.en);
        expect(await page.evaluate("document.querySelectorAll('.chart canvas').length")).toBe(1);
        expect(await faultsInEveryView()).toEqual([]);
      },
      LONGEST_MS,
    );

    it("goes forward and back through every chapter to the free play, by the keyboard alone", async () => {
      await open();
      const visited: string[] = [];
      for (let step = 0; step <= CHAPTER_IDS.length; step++) {
        visited.push(await page.evaluate("document.querySelector('main').dataset.chapter ?? 'play'"));
        if (step === CHAPTER_IDS.length) break;
        await page.evaluate("document.querySelector('[data-go=next]').focus()");
        await page.key("Enter");
        await page.until(`(document.querySelector('main').dataset.chapter ?? 'play') !== '${visited.at(-1)}'`);
      }
      expect(visited).toEqual([...CHAPTER_IDS, "play"]);
      await page.evaluate("history.back()");
      await page.until(`document.querySelector('main').dataset.chapter === '${CHAPTER_IDS.at(-1)}'`);
      await page.evaluate("document.querySelector('[data-go=back]').focus()");
      await page.key("Enter");
      await page.until(`document.querySelector('main').dataset.chapter === '${CHAPTER_IDS.at(-2)}'`);
    });

    it("reaches everything by the Tab key, in the order in which it is read", async () => {
      await open();
      const reached: string[] = [];
      for (let step = 0; step < 60; step++) {
        await page.key("Tab");
        const at = await page.evaluate<string>(
          "document.activeElement.dataset.action ?? document.activeElement.tagName",
        );
        if (at === "BODY") break;
        reached.push(at);
      }
      expect(reached).toEqual([
        ...["BUTTON", "BUTTON"], // the languages
        ...[...CHAPTER_IDS, "play"].map(() => "A"),
        ...["play", "A"], // play, next
        ...["BUTTON", "PRE", "BUTTON", "PRE"], // both codes
      ]);
    });

    it("copies the hand-written lines and the package's code as they are shown", async () => {
      await open();
      await page.send("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
      const codes = await page.evaluate<string[]>(
        "[...document.querySelectorAll('.code code')].map((each) => each.innerText)",
      );
      expect(codes[0]?.split("\n")).toHaveLength(15);
      for (const [index, code] of codes.entries()) {
        await page.evaluate(`document.querySelectorAll('[data-copy]')[${index}].id = "copy-${index}"`);
        await page.click(`#copy-${index}`);
        await has(`#copy-${index}`, /Copied/);
        expect((await page.evaluate<string>("navigator.clipboard.readText()")).trim()).toBe(code.trim());
      }
    });
  });

  it("would be found to be at fault", async () => {
    await open();
    await page.evaluate(`document.querySelector("#chapter .before").outerHTML =
      '<p id="wide">넘치는 글</p><button></button><section></section>';
      document.getElementById("wide").style.width = "2000px";`);
    const found = await page.evaluate<string[]>(`(${pageFaults})("en")`);
    for (const fault of [/px wide/, /^outside/, /^no name/, /^no accessible name/, /^not in en/]) {
      expect(found).toContainEqual(expect.stringMatching(fault));
    }
  });

  it("speaks Korean where the browser does, and keeps the language that was chosen", async () => {
    await page.send("Emulation.setUserAgentOverride", { userAgent: "test", acceptLanguage: "ko-KR" });
    await open();
    await page.send("Emulation.setUserAgentOverride", { userAgent: "" });
    expect(await page.evaluate("document.documentElement.lang")).toBe("ko");
    expect(await page.text("h2")).toBe("동시 호출 1,000건");
    await page.click("[data-language=en]");
    await open("#play");
    expect(await page.evaluate("document.documentElement.lang")).toBe("en");
    expect(await page.text(card("toss", "[data-action=get]"))).toBe("Get token");
  });

  describe("the free play", () => {
    it("shows a token from its issue to its refusal: get, a thousand callers, revoke, call the API", async () => {
      await open("#play");
      expect(await page.text(card("toss", ".state"))).toBe("no token");

      await press("toss", "get");
      await outcomeIs("toss", /^Token [0-9a-f]{16}, in/);
      await stateIs("toss", "fresh");
      const id = await page.text(card("toss", ".id"));
      expect(id).toMatch(/^[0-9a-f]{16}$/);
      expect(await page.text(card("toss", ".requests"))).toBe("1");

      await press("toss", "thousand");
      await outcomeIs("toss", /^1,000 callers, 1 token, no requests/);
      expect(await page.text(card("toss", ".calls"))).toBe("1,001");
      expect(await page.text(card("toss", ".events"))).toContain("× 1,000");

      await page.click("[data-action=pass-1]"); // a refusal in a token's first second would be waited out
      await press("toss", "revoke");
      await outcomeIs("toss", /does not know yet/);
      await press("toss", "call");
      await outcomeIs("toss", /^HTTP 200 from/);
      await page.until(`document.querySelector('${card("toss", ".id")}').innerText !== ${JSON.stringify(id)}`);
      expect(await page.text(card("toss", ".requests"))).toBe("2");
      expect(await page.text(card("toss", ".events"))).toContain(`${id} was refused by the API and dropped`);
      await page.until("document.querySelectorAll('#journal tr').length === 4");
      expect(await page.text("#journal")).toMatch(/200[\s\S]*POST \/token[\s\S]*401[\s\S]*POST \/token/);
      expect(await faultsInEveryView()).toEqual([]);
    });

    it("lets no caller notice a renewal that fails, and shows the token come due and expire", async () => {
      await open("#play");
      await press("naver", "get");
      await stateIs("naver", "fresh");
      const id = await page.text(card("naver", ".id"));
      await press("naver", "fail");
      await has(card("naver", ".armed"), /3 token requests get 500: no caller notices/);
      for (let half = 0; half < 5; half++) await page.click("[data-action=pass-30]");
      for (let minute = 0; minute < 25; minute++) await page.click("[data-action=pass-1]");
      await stateIs("naver", "stale");
      await press("naver", "thousand");
      await outcomeIs("naver", /^1,000 callers, 1 token/);
      await has(card("naver", ".events"), /is still good/);
      expect(await page.text(card("naver", ".id"))).toBe(id);
      await page.until(`document.querySelector('${card("naver", ".armed")}') === null`);

      await page.click("[data-action=pass-30]");
      await stateIs("naver", "expired");
      expect(await page.text(card("naver", ".remaining"))).toMatch(/^expired .* ago$/);
    });

    it("survives a clock that is off, a request that hangs and a wrong secret", async () => {
      await open("#play");
      await page.click("[data-action=skew-ahead]");
      await has("#client-time", /10 min fast/);
      await press("naver", "get");
      await outcomeIs("naver", /^Token/);
      expect(await page.text(card("naver", ".requests"))).toBe("2");

      await press("iamport", "hang");
      await press("iamport", "get");
      await outcomeIs("iamport", /^Token/);
      expect(await page.text(card("iamport", ".requests"))).toBe("2");

      await press("toss", "wrong");
      await outcomeIs("toss", /all invalid_credentials, after 1 request\.$/);
      await press("toss", "refresh");
      await outcomeIs("toss", /^A new token/);
    });

    it("starts, kills and restarts real processes that share a token", async () => {
      await open("#play");
      const states = (...wanted: string[]) =>
        page.until(
          `[...document.querySelectorAll('.process-list li')].map((each) => each.dataset.state).join() === '${wanted}'`,
        );
      await page.click("[data-action=process-start]");
      await page.click("[data-action=process-start]");
      await states("running", "running");
      await page.click("[data-action=process-ask]");
      const records = () => show.timelines().find(({ chapter }) => chapter === "processes")?.records ?? [];
      const count = (wanted: string) => records().filter(([, { type }]) => type === wanted).length;
      await expect.poll(() => count("token")).toBe(2);
      await page.until("document.querySelector('.processes canvas')");
      await page.click("[data-action=process-kill][data-lane='1']");
      await states("killed", "running");
      await page.click("[data-action=process-restart][data-lane='1']");
      await states("running", "running");
      await page.click("[data-action=process-revoke]");
      await page.click("[data-action=process-call]");
      await has("#last-code", /auth\.api\.get/);
      await expect.poll(() => count("refusal")).toBeGreaterThan(0);
      const calls = records().filter(([, { type }]) => type === "call");
      expect(calls.filter(([, call]) => "problem" in call)).toEqual([]);
      expect(await faultsInEveryView()).toEqual([]);
      await page.click("[data-action=process-reset]");
      await page.until("document.querySelectorAll('.process-list li').length === 0");
    });

    it("shows code behind every button", async () => {
      await open("#play");
      const count = await page.evaluate<number>(`(() => {
        const buttons = [...document.querySelectorAll("main [data-action]")].filter((each) => !each.disabled);
        buttons.forEach((each, index) => (each.dataset.index = index));
        return buttons.length;
      })()`);
      expect(count).toBeGreaterThan(30);
      for (let index = 0; index < count; index++) {
        await page.evaluate(`document.querySelector("[data-index='${index}']").click()`);
        await page.until("document.querySelector('#last-code code')?.innerText.length > 10");
      }
    });

    it("holds no token and no secret", async () => {
      await open("#play");
      for (const provider of ["toss", "naver", "iamport"]) {
        await press(provider, "call");
        await outcomeIs(provider, /^HTTP 200/);
      }
      const { cards, emulator } = show.playground;
      const values = Object.values(cards).map(({ client }) => client?.auth.peek()?.value ?? "");
      const { toss, naver, iamport } = emulator ?? {};
      const secrets = [toss?.credentials.secretKey, naver?.credentials.clientSecret, iamport?.credentials.impSecret];
      const shown =
        (await page.evaluate<string>("document.documentElement.outerHTML")) + JSON.stringify(show.snapshot());
      expect(values.every((value) => value.length > 10)).toBe(true);
      expect([...values, ...secrets].filter((secret) => shown.includes(String(secret)))).toEqual([]);
    });

    it("says so where it talks to the real providers, and shows none of the emulator's buttons", async () => {
      await using live = Show.live({ IAMPORT_IMP_KEY: "key", IAMPORT_IMP_SECRET: "secret" });
      await using liveServer = await WebServer.listen(live, 0);
      await page.send("Page.navigate", { url: liveServer.origin });
      await has("#mode", /REAL providers/);
      const shown = await page.evaluate<string[]>(
        "[...document.querySelectorAll('main button')].filter((each) => each.checkVisibility() && !each.disabled).map((each) => each.innerText)",
      );
      expect(shown).toEqual(["Get token", "1,000 callers", "Call the API", "Force refresh"]);
      expect(await page.text(card("toss", ".missing"))).toContain("TOSS_SHOPPING_ACCESS_KEY");
      await page.send("Page.navigate", { url: "about:blank" });
    });
  });

  describe("what was mended", () => {
    it("lets only new rows of the journal flash", async () => {
      await open("#play");
      await press("toss", "get");
      await page.until("document.querySelectorAll('#journal tr').length === 1");
      await page.evaluate(`(() => {
        window.flashes = [];
        const first = document.querySelector("#journal tr");
        first.id = "first";
        document.addEventListener("animationstart", ({ target }) => window.flashes.push(target.id), true);
      })()`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await page.evaluate("window.flashes.length = 0");
      await press("naver", "get");
      await page.until("document.querySelectorAll('#journal tr').length === 2");
      await page.until("window.flashes.length > 0");
      expect(await page.evaluate("window.flashes")).toEqual([""]);
    });

    it("shows each armed fault by itself, also two of a kind", async () => {
      await open("#play");
      await press("toss", "fail");
      await press("toss", "fail");
      await press("toss", "hang");
      await page.until("document.querySelectorAll('[data-provider=toss] .armed li').length === 3");
      await press("toss", "get");
      await outcomeIs("toss", /provider_unavailable/);
      await page.until("document.querySelectorAll('[data-provider=toss] .armed li').length === 2");
    });

    it("says before and while a fault waits whether callers will see it", async () => {
      await open("#play");
      await press("iamport", "get");
      await stateIs("iamport", "fresh");
      await press("iamport", "fail");
      await outcomeIs("iamport", /no caller sees an error/);
      await page.click("[data-action=pass-180]");
      await stateIs("iamport", "expired");
      await has(card("iamport", ".armed"), /callers see the error/);
      await press("iamport", "fail");
      await outcomeIs("iamport", /so callers see the error/);
    });

    it("keeps an armed hang for the card's own client when a wrong secret is tried", async () => {
      await open("#play");
      await press("toss", "hang");
      await has(card("toss", ".armed"), /hangs/);
      await press("toss", "wrong");
      await outcomeIs("toss", /after 1 request\.$/);
      await has(card("toss", ".armed"), /hangs/);
      await press("toss", "get");
      await outcomeIs("toss", /^Token/);
      await page.until(`document.querySelector('${card("toss", ".armed")}') === null`);
    });

    it("shows in the journal which token a request got", async () => {
      await open("#play");
      await press("iamport", "get");
      await outcomeIs("iamport", /^Token/);
      const id = await page.text(card("iamport", ".id"));
      await has("#journal .token-id", new RegExp(`^${id}$`));
    });

    it("begins anew", async () => {
      await open("#play");
      await press("toss", "get");
      await outcomeIs("toss", /^Token/);
      await press("toss", "hang");
      await page.click("[data-action=pass-180]");
      await page.click("[data-action=skew-ahead]");
      await has("#client-time", /10 min fast/);
      await page.click("[data-action=reset]");
      await stateIs("toss", "none");
      await has("#client-time", /in step/);
      expect(Math.abs((show.snapshot().clock.server ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await page.evaluate("document.querySelectorAll('#journal tr, .armed').length")).toBe(0);
      expect(await page.text(card("toss", ".requests"))).toBe("0");
    });

    it("has buttons for a finger on a phone, and keeps the clock in sight", async () => {
      await page.view(PHONE);
      await open("#play");
      const small = await page.evaluate<string[]>(`[...document.querySelectorAll("button, nav a")]
        .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.innerText)`);
      expect(small).toEqual([]);
      await page.evaluate("document.querySelector('[data-provider=iamport] [data-action=get]').scrollIntoView()");
      await page.until("scrollY > 500");
      const { top, bottom } = await page.evaluate<{ top: number; bottom: number }>(
        "document.querySelector('#server-time').getBoundingClientRect().toJSON()",
      );
      expect(top).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThan(844 / 4);
    });
  });
});
