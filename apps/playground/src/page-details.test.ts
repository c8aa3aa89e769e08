import { expect, it } from "vitest";
import { card, describePage, has, open, outcomeIs, PHONE, page, press, show, stateIs } from "./page.test-support.ts";

describePage("the details of the free play", () => {
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

  it("starts again", async () => {
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
