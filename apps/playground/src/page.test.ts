import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrowserPage, findChromium } from "./browser.test-support.ts";
import { Playground } from "./server/playground.ts";
import { WebServer } from "./server/web-server.ts";

const chromium = findChromium();
if (chromium === undefined) {
  const message = "Chromium is not there (CHROMIUM, or chromium on the PATH): the page is not tested.";
  if (process.env["CI"]) throw new Error(message);
  console.warn(message);
}

const LONGEST_MS = 40_000;

describe.skipIf(chromium === undefined)("the page in a real browser", { timeout: LONGEST_MS }, () => {
  let playground: Playground;
  let server: WebServer;
  let page: BrowserPage;

  beforeEach(async () => {
    playground = await Playground.emulated();
    server = await WebServer.listen(playground, 0);
    page = await BrowserPage.open(chromium ?? "", server.origin);
    await page.until("document.querySelectorAll('.card').length === 3");
  }, LONGEST_MS);

  afterEach(async () => {
    // A page that is left closes its stream of events.
    const problems = page.problems.filter((each) => !each.includes("net::ERR_ABORTED"));
    await page[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await playground[Symbol.asyncDispose]();
    expect(problems).toEqual([]);
  }, LONGEST_MS);

  const card = (provider: string, selector = "") => `[data-provider=${provider}] ${selector}`.trim();
  const press = (provider: string, action: string) => page.click(card(provider, `[data-action=${action}]`));
  const outcomeIs = (provider: string, pattern: RegExp) =>
    page.until(`${pattern}.test(document.querySelector(${JSON.stringify(card(provider, ".outcome"))}).innerText)`);
  const stateIs = (provider: string, state: string) =>
    page.until(`document.querySelector(${JSON.stringify(card(provider))}).dataset.state === ${JSON.stringify(state)}`);

  it("shows a token from its issue to its refusal: get, a thousand callers, revoke, call the API", async () => {
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
  });

  it("lets nobody notice a renewal that fails, and shows the token come due and expire", async () => {
    await press("naver", "get");
    await stateIs("naver", "fresh");
    const id = await page.text(card("naver", ".id"));
    await press("naver", "fail");
    await page.until(`!document.querySelector('${card("naver", ".armed")}').hidden`);
    for (const minutes of [30, 30, 30, 30, 30, 25]) {
      if (minutes === 30) await page.click("[data-action=pass-30]");
      else for (let minute = 0; minute < minutes; minute++) await page.click("[data-action=pass-1]");
    }
    await stateIs("naver", "stale");
    await press("naver", "thousand");
    await outcomeIs("naver", /^1,000 callers, 1 token/);
    await page.until(`document.querySelector('${card("naver", ".events")}').innerText.includes("is still good")`);
    expect(await page.text(card("naver", ".id"))).toBe(id);
    await page.until(`document.querySelector('${card("naver", ".armed")}').hidden`);

    await page.click("[data-action=pass-30]");
    await stateIs("naver", "expired");
    expect(await page.text(card("naver", ".remaining"))).toMatch(/^expired .* ago$/);
  });

  it("survives a clock that is off, a request that hangs and a wrong secret", async () => {
    await page.click("[data-action=skew-ahead]");
    await page.until("document.getElementById('client-time').innerText.includes('10 min fast')");
    await press("naver", "get");
    await outcomeIs("naver", /^Token/);
    expect(await page.text(card("naver", ".requests"))).toBe("2");

    await press("iamport", "hang");
    await press("iamport", "get");
    await outcomeIs("iamport", /^Token/);
    expect(await page.text(card("iamport", ".requests"))).toBe("2");

    await press("toss", "wrong");
    await outcomeIs("toss", /all invalid_credentials, after 1 request\.$/);
  });

  it("holds no token and no secret", async () => {
    for (const provider of ["toss", "naver", "iamport"]) {
      await press(provider, "call");
      await outcomeIs(provider, /^HTTP 200/);
    }
    const values = Object.values(playground.cards).map(({ client }) => client?.auth.peek()?.value ?? "");
    const { toss, naver, iamport } = playground.emulator ?? {};
    const secrets = [toss?.credentials.secretKey, naver?.credentials.clientSecret, iamport?.credentials.impSecret];
    const shown =
      (await page.evaluate<string>("document.documentElement.outerHTML")) + JSON.stringify(playground.snapshot());
    expect(values.every((value) => value.length > 10)).toBe(true);
    expect([...values, ...secrets].filter((secret) => shown.includes(String(secret)))).toEqual([]);
  });

  it("says so where it talks to the real providers, and shows none of the emulator's buttons", async () => {
    await using live = Playground.live({ IAMPORT_IMP_KEY: "key", IAMPORT_IMP_SECRET: "secret" });
    await using liveServer = await WebServer.listen(live, 0);
    await page.send("Page.navigate", { url: liveServer.origin });
    await page.until("document.body?.classList.contains('live')");
    expect(await page.text("#mode")).toContain("REAL providers");
    const shown = await page.evaluate<string[]>(
      "[...document.querySelectorAll('button')].filter((each) => each.checkVisibility() && !each.disabled).map((each) => each.innerText)",
    );
    expect(shown).toEqual(["Get token", "1,000 callers", "Call the API", "Force refresh"]);
    expect(await page.text(card("toss", ".missing"))).toContain("TOSS_SHOPPING_ACCESS_KEY");
    await page.send("Page.navigate", { url: "about:blank" });
  });

  it("fits a phone", async () => {
    const phone = { width: 360, height: 740, deviceScaleFactor: 2, mobile: true };
    await page.send("Emulation.setDeviceMetricsOverride", phone);
    await press("toss", "call");
    await outcomeIs("toss", /^HTTP 200/);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });
});
