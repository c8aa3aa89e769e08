import { createLifeBar, duration } from "./life-bar.js";

/** @import { CardSnapshot } from "../server/card.ts" */

const TITLES = {
  toss: ["Toss Shopping", "토스쇼핑"],
  naver: ["Naver Commerce API", "네이버 커머스API"],
  iamport: ["iamport (PortOne V1)", "아임포트"],
};

const STATES = {
  "no-keys": "no keys",
  none: "no token",
  fresh: "fresh",
  stale: "renewal due",
  expired: "expired",
  refused: "refused",
};

/**
 * A provider's card.
 *
 * @param {CardSnapshot["provider"]} provider
 * @param {(action: string) => Promise<void>} act
 */
export function createCard(provider, act) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("card"));
  const fragment = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const card = /** @type {HTMLElement} */ (fragment.firstElementChild);
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (card.querySelector(selector));
  const [title = "", korean = ""] = TITLES[provider];
  card.dataset["provider"] = provider;
  find("h2").textContent = title;
  find(".korean").textContent = korean;
  const lifeBar = createLifeBar(find(".life"));
  const buttons = [...card.querySelectorAll("button")];
  for (const button of buttons) {
    button.addEventListener("click", () => act(button.dataset["action"] ?? ""));
  }

  return {
    element: card,
    /**
     * @param {CardSnapshot} snapshot
     * @param {number} now epoch ms by the client's clock
     */
    show(snapshot, now) {
      const { state, token, missing, armed, outcome } = snapshot;
      card.dataset["state"] = state;
      card.classList.toggle("asking", snapshot.isAsking);
      write(find(".state"), STATES[state]);
      write(find(".missing"), `Set ${missing.join(", ")}.`);
      find(".missing").hidden = state !== "no-keys";
      for (const button of buttons) button.disabled = state === "no-keys";
      write(find(".id"), token?.id ?? "no token yet");
      write(find(".remaining"), token === undefined ? "" : remaining(state, token.expiresAt - now));
      lifeBar.show(token, now);
      write(find(".requests"), snapshot.requests.toLocaleString("en-US"));
      write(find(".calls"), snapshot.calls.toLocaleString("en-US"));
      write(find(".armed"), `Waiting: ${armed.join("; ")}.`);
      find(".armed").hidden = armed.length === 0;
      write(find(".outcome"), outcome?.text ?? "");
      find(".outcome").dataset["tone"] = outcome?.tone ?? "";
      showEvents(find(".events"), snapshot.events);
    },
  };
}

/**
 * @param {string} state
 * @param {number} leftMs
 */
function remaining(state, leftMs) {
  if (state === "refused") return "dropped";
  return leftMs > 0 ? `expires in ${duration(leftMs)}` : `expired ${duration(-leftMs)} ago`;
}

/**
 * Only what is new or has changed is written, so that reading and selecting are not disturbed.
 *
 * @param {HTMLElement} list
 * @param {CardSnapshot["events"]} events newest first
 */
function showEvents(list, events) {
  const shown = new Map([...list.children].map((item) => [/** @type {HTMLElement} */ (item).dataset["key"], item]));
  const items = events.map((event) => {
    const key = `${event.sequence} ${event.count}`;
    return shown.get(key) ?? eventItem(event, key, list.childElementCount > 0);
  });
  if (items.length !== list.childElementCount || items.some((item, index) => item !== list.children[index])) {
    list.replaceChildren(...items);
  }
}

/**
 * @param {CardSnapshot["events"][number]} event
 * @param {string} key
 * @param {boolean} isNew
 */
function eventItem({ at, type, text, tone, count }, key, isNew) {
  const item = document.createElement("li");
  item.dataset["key"] = key;
  item.title = type;
  if (isNew) item.className = "new";
  item.append(
    element("time", "", timeOfDay(at)),
    element("span", `what ${tone}`, text),
    element("span", "count", count > 1 ? `× ${count.toLocaleString("en-US")}` : ""),
  );
  return item;
}

/**
 * @param {string} name
 * @param {string} className
 * @param {string} text
 */
export function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/**
 * @param {HTMLElement} place
 * @param {string} text
 */
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

const TIME_OF_DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Seoul", timeStyle: "medium" });

/**
 * In Korea, where the providers are.
 *
 * @param {number} at epoch ms
 */
export function timeOfDay(at) {
  return TIME_OF_DAY.format(at);
}
