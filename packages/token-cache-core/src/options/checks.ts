import { emulatorOrigin } from "./emulator.ts";
import { invalidOption } from "./invalid-option.ts";
import { isLoopback } from "./loopback.ts";

/**
 * Checks a string option: absent, or not empty and without white space around it.
 *
 * @param advice what to do about an empty one
 */
export function checkString(provider: string, option: string, value: unknown, advice?: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw invalidOption(provider, `The option ${option} must be a string.`);
  return checkText(provider, `The option ${option}`, value, advice);
}

/** Checks a string option that is sent as a header: printable ASCII, so that no line break starts another header. */
export function checkHeaderValue(provider: string, option: string, value: unknown): string | undefined {
  const text = checkString(provider, option, value);
  if (text === undefined || /^[\x20-\x7e]+$/.test(text)) return text;
  throw invalidOption(provider, `The option ${option} is sent as a header, so it must be printable ASCII.`);
}

/**
 * One part of a URL's path, percent-encoded.
 *
 * @throws TokenError `invalid_options` if it would be another path: `.`, `..`, or no well-formed text
 */
export function pathPart(provider: string, option: string, text: string): string {
  if (text !== "." && text !== ".." && text.isWellFormed()) return encodeURIComponent(text);
  throw invalidOption(provider, `The option ${option} is a part of a URL's path. It cannot be "." or "..".`);
}

/**
 * Checks a URL that credentials or tokens go to: HTTPS, or HTTP to this machine or to the emulator of
 * `COMMERCE_AUTH_EMULATOR`; no user info.
 *
 * @throws TokenError `invalid_options` naming the option
 */
export function checkUrl(provider: string, option: string, value: unknown): URL {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) throw invalidOption(provider, `The option ${option} must be an absolute URL.`);
  if (url.username !== "" || url.password !== "") {
    throw invalidOption(provider, `The option ${option} must not contain a user name or password.`);
  }
  const isPlainAllowed = isLoopback(url.hostname) || url.origin === emulatorOrigin(provider);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isPlainAllowed)) {
    throw invalidOption(provider, `The option ${option} must be an https: URL; http: is for loopback addresses only.`);
  }
  return url;
}

/** Checks a text: not empty, and without white space around it. */
export function checkText(provider: string, subject: string, text: string, advice?: string): string {
  if (text === "") throw invalidOption(provider, [`${subject} is empty.`, advice].filter(Boolean).join(" "));
  if (text.trim() !== text) {
    throw invalidOption(provider, `${subject} has white space around it, perhaps the line end of a file.`);
  }
  return text;
}
