// Finds secrets in everything that a program might print (case 23).

import { inspect } from "node:util";

/** Which of the secrets can be read from a value, in any way of printing it. */
export function leaksIn(value: unknown, secrets: readonly string[]): string[] {
  const text = everyTextOf(value).join("\n");
  return secrets.filter((secret) => formsOf(secret).some((form) => text.includes(form)));
}

function everyTextOf(value: unknown): string[] {
  const texts = [inspect(value, { depth: 10, showHidden: true, getters: true }), json(value), String(value)];
  if (!(value instanceof Error)) return texts;
  const own = Reflect.ownKeys(value).map((key) => inspect(Reflect.get(value, key), { depth: 10, showHidden: true }));
  return [...texts, ...own, value.stack ?? "", ...(value.cause === undefined ? [] : everyTextOf(value.cause))];
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/**
 * As it is, and as it travels in a form, in a URL, in JSON and in base64. In base64, more may follow: a hash follows
 * its salt.
 */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    new URLSearchParams({ secret }).toString().slice("secret=".length),
    encodeURIComponent(secret),
    json(secret).slice(1, -1),
    bytes.subarray(0, bytes.length - (bytes.length % 3)).toString("base64"),
  ];
}
