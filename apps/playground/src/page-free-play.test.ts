import { expect, it } from "vitest";
import {
  card,
  describePage,
  faultsInEveryView,
  has,
  open,
  outcomeIs,
  page,
  press,
  show,
  stateIs,
} from "./page.test-support.ts";
import { Show } from "./server/show.ts";
import { WebServer } from "./server/web-server.ts";

describePage("the free play on the page", () => {
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
    const shown = (await page.evaluate<string>("document.documentElement.outerHTML")) + JSON.stringify(show.snapshot());
    expect(values.every((value) => value.length > 10)).toBe(true);
    expect([...values, ...secrets].filter((secret) => shown.includes(String(secret)))).toEqual([]);
  });

  it("says so if it talks to the real providers, and shows none of the emulator's buttons", async () => {
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
