import { expect, it } from "vitest";
import { CHAPTER_IDS } from "./chapters/chapter-ids.ts";
import { card, describePage, faultsInEveryView, has, LONGEST_MS, open, page, show } from "./page.test-support.ts";
import { pageFaults } from "./page-faults.test-support.ts";
import { findRedisProgram } from "./processes/redis-server.ts";

const hasRedis = findRedisProgram(process.env) !== undefined;
const CHAPTERS = CHAPTER_IDS.filter((id) => hasRedis || id !== "redis-killed");

describePage("the story on the page", () => {
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
    // The key goes on from where the mouse clicked last.
    await page.click("h1");
    const reached: string[] = [];
    for (let step = 0; step < 60; step++) {
      await page.key("Tab");
      const at = await page.evaluate<string>("document.activeElement.dataset.action ?? document.activeElement.tagName");
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

  it("a broken page would be found", async () => {
    await open();
    await page.evaluate(`document.querySelector("#chapter .before").outerHTML =
      '<p id="wide">넘치는 글</p><button></button><section></section>';
      document.getElementById("wide").style.width = "2000px";`);
    const found = await page.evaluate<string[]>(`(${pageFaults})("en")`);
    for (const fault of [/px wide/, /^outside/, /^no name/, /^no accessible name/, /^not in en/]) {
      expect(found).toContainEqual(expect.stringMatching(fault));
    }
  });

  it("speaks Korean if the browser does, and keeps the chosen language", async () => {
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
});
