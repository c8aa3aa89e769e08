/// <reference lib="dom" />

/** Finds faults of the page. The source of a function that runs in the page; it takes the language. */
export const pageFaults = String(function pageFaults(language: string): string[] {
  const faults: string[] = [];
  const visible = [...document.body.querySelectorAll<HTMLElement>("*")].filter((each) => each.checkVisibility());
  const nameOf = (each: HTMLElement) => `${each.tagName}.${each.className} "${each.textContent?.slice(0, 40)}"`;

  if (document.documentElement.lang !== language) faults.push(`the language is ${document.documentElement.lang}`);
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} px wide in a window of ${innerWidth}`);

  for (const each of visible) {
    const { overflowX } = getComputedStyle(each);
    const mayScroll = each.closest("pre, .chapters, .events, .unseen, .chart") !== null;
    if (!mayScroll && overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1) {
      faults.push(`cut off: ${nameOf(each)}`);
    }
    const { left, right, width } = each.getBoundingClientRect();
    if (!mayScroll && width > 0 && (left < -1 || right > innerWidth + 1)) faults.push(`outside: ${nameOf(each)}`);
  }
  for (const each of visible.filter((one) => one.matches("button, a"))) {
    const label = each.getAttribute("aria-label") ?? each.textContent ?? "";
    if (label.trim() === "") faults.push(`no name: ${nameOf(each)}`);
    if (each.scrollWidth > each.clientWidth + 1) faults.push(`its text is cut off: ${nameOf(each)}`);
  }
  for (const each of visible.filter((one) => one.matches("[role=img], section, nav"))) {
    const isNamed = each.hasAttribute("aria-label") || each.hasAttribute("aria-labelledby");
    if (!isNamed) faults.push(`no accessible name: ${nameOf(each)}`);
  }
  const texts = [...document.querySelectorAll<HTMLElement>("main :is(h2, h3, p, th, button, legend, dt)")];
  for (const each of texts.filter((one) => one.checkVisibility())) {
    const text = (each.textContent ?? "").replace(/SQLite|Redis|getToken|API|\d|[0-9a-f]{16}/g, "");
    const isForeign = language === "ko" ? /[a-z]{3}/i.test(text) && !/[가-힣]/.test(text) : /[가-힣]/.test(text);
    if (isForeign && !each.hasAttribute("lang")) faults.push(`not in ${language}: ${nameOf(each)}`);
  }
  return faults;
});
