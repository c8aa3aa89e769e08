import { createCard, element, timeOfDay, write } from "./card.js";

/** @import { Snapshot } from "../server/playground.ts" */

const DATE = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Seoul", day: "numeric", month: "short" });

/** A difference of less than this is the time a message takes. */
const NOTABLE_SKEW_MS = 5_000;

const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Map<string, ReturnType<typeof createCard>>} */
const cards = new Map();

/**
 * @param {string} action
 * @param {string} [provider]
 */
async function act(action, provider) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ action, provider });
  try {
    await (await fetch("/actions", { method: "POST", headers, body })).text();
  } catch {
    // A lost connection shows in the corner.
  }
}

for (const button of place("cards").ownerDocument.querySelectorAll(".clock button")) {
  button.addEventListener("click", () => act(/** @type {HTMLElement} */ (button).dataset["action"] ?? ""));
}

const events = new EventSource("/events");
events.addEventListener("message", ({ data }) => show(JSON.parse(data)));
events.addEventListener("open", () => document.body.classList.remove("lost"));
events.addEventListener("error", () => {
  document.body.classList.add("lost");
  write(place("mode"), "Connection lost. Is it still running?");
});

/** @param {Snapshot} snapshot */
function show({ live, clock, cards: snapshots, journal }) {
  document.body.classList.toggle("live", live);
  write(place("mode"), live ? "REAL providers, keys of the environment" : "Emulated providers");
  showClock(clock);
  for (const snapshot of snapshots) {
    const { provider } = snapshot;
    let card = cards.get(provider);
    if (card === undefined) {
      card = createCard(provider, (action) => act(action, provider));
      cards.set(provider, card);
      place("cards").append(card.element);
    }
    card.show(snapshot, clock.client);
  }
  showJournal(journal);
}

/** @param {Snapshot["clock"]} clock */
function showClock({ client, server = client }) {
  const skewMs = client - server;
  const isOff = Math.abs(skewMs) > NOTABLE_SKEW_MS;
  write(place("server-time"), `${DATE.format(server)}, ${timeOfDay(server)}`);
  write(place("client-time"), `${timeOfDay(client)}${isOff ? `, ${minutes(skewMs)}` : ", in step"}`);
  place("client-time").classList.toggle("off", isOff);
  const pressed = isOff ? (skewMs > 0 ? "skew-ahead" : "skew-behind") : "skew-none";
  for (const button of document.querySelectorAll('[data-action^="skew-"]')) {
    const isPressed = /** @type {HTMLElement} */ (button).dataset["action"] === pressed;
    button.classList.toggle("pressed", isPressed);
    button.setAttribute("aria-pressed", String(isPressed));
  }
}

/** @param {number} ms */
function minutes(ms) {
  return `${Math.abs(Math.round(ms / 60_000))} min ${ms > 0 ? "fast" : "slow"}`;
}

/** @param {Snapshot["journal"]} journal newest first */
function showJournal(journal) {
  const list = place("journal");
  place("journal-empty").hidden = journal.length > 0;
  const shown = new Map([...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset["key"], row]));
  const rows = journal.map((entry) => {
    const key = `${entry.sequence} ${entry.status}`;
    return shown.get(key) ?? journalRow(entry, key, list.childElementCount > 0);
  });
  if (rows.length !== list.childElementCount || rows.some((row, index) => row !== list.children[index])) {
    list.replaceChildren(...rows);
  }
}

const PLACES = { toss: "Toss", naver: "Naver", iamport: "iamport" };

/**
 * @param {Snapshot["journal"][number]} entry
 * @param {string} key
 * @param {boolean} isNew
 */
function journalRow({ at, endpoint, method, path, tokenId, status, faults }, key, isNew) {
  const row = element("tr", isNew ? "row new" : "row", "");
  row.dataset["key"] = key;
  const [provider = "", side = ""] = endpoint.split(".");
  const where = `${PLACES[/** @type {keyof typeof PLACES} */ (provider)] ?? "?"} ${side === "api" ? "API" : side}`;
  const answer = element("td", "answer", status === undefined ? "no answer" : String(status));
  answer.dataset["tone"] = status === undefined ? "busy" : status < 400 ? "good" : "bad";
  if (faults.length > 0) answer.append(element("span", "fault", "by a fault"));
  const cells = [
    element("td", "soft", timeOfDay(at)),
    element("td", "where", where),
    element("td", "path", `${method} ${path.replace(`/${provider}/`, "/")}`),
    element("td", "token-id", tokenId ?? ""),
    answer,
  ];
  row.append(...cells);
  return row;
}
